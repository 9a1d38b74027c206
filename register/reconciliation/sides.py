"""The two sides of a comparison in the same columns: their moves and ours."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
from msgspec import Struct

from contract.book import Book
from register.reading import RegisterReading
from register.reconciliation.stated_moves import SAME_NUMBER
from register.selection import Selection

COUNTED, RETRACTED, SET_ASIDE, ELSEWHERE = "counted", "retracted", "set_aside", "elsewhere"
ROLES = (COUNTED, RETRACTED, SET_ASIDE, ELSEWHERE)
"""What ours may be, in the order in which theirs are paired with it."""


class ComparisonTerms(Struct, frozen=True, kw_only=True):
    """How a statement is compared."""

    selection: Selection
    """Terminal, days or ship, and classes; `terminal` is always given."""
    window: timedelta = timedelta(hours=24)
    """How far their time of a move may lie from ours."""
    cut_off: timedelta = timedelta(0)
    """How long after midnight their day begins."""

    @property
    def window_ms(self) -> int:
        """The window in milliseconds."""
        return self.window // timedelta(milliseconds=1)

    @property
    def ship(self) -> str:
        """The ship and the voyage that are compared; "" if all are."""
        return " ".join(filter(None, (self.selection.vessel, self.selection.voyage)))

    def span(self, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """Return the instants between which a move can matter; None if no days are selected."""
        first, last = self.selection.first, self.selection.last
        if first is None or last is None:
            return None
        around = self.window + abs(self.cut_off)
        return _midnight(first, zone) - around, _midnight(last + timedelta(1), zone) + around


_THEIRS = """
    CREATE TABLE theirs AS
    SELECT no, "at", event_time, container, move, fill, hundredths AS stated, size.by_size,
        CAST((event_time AT TIME ZONE $zone) - to_minutes(CAST($cut_off AS BIGINT)) AS DATE)
            AS business_day,
        CASE WHEN kind IS NULL AND (SELECT count(kind) > 0 FROM stated) THEN 'normal' ELSE kind END
            AS kind,
        size.size_feet, voyage, vessel_name, CAST(NULL AS VARCHAR) AS vessel_imo,
        $area AS area, $terminal AS terminal, CAST(NULL AS VARCHAR) AS source,
        CAST(0 AS DECIMAL(9, 2)) AS teu, 1 AS moves,
        CAST(NULL AS BIGINT) AS paired, CAST(NULL AS VARCHAR) AS role
    FROM stated JOIN size ON stated.iso_code IS NOT DISTINCT FROM size.iso_code
    WHERE terminal = $terminal AND {within}
"""
_OURS = """
    CREATE TABLE ours AS
    WITH versions AS (FROM {versions}),
    withdrawn AS (
        SELECT "partition", id_head FROM versions WHERE state = 'retracted' AND known_to IS NULL
    )
    SELECT row_number() OVER () AS no, event_id, event_time, {number} AS container, move, fill,
        business_day, kind, size_feet, voyage, vessel_name, vessel_imo, area, terminal, source,
        teu, moves, reason, error, known_from, file, line, "partition", "offset",
        CAST(NULL AS BIGINT) AS paired,
        CASE
            WHEN state = 'counted' AND known_to IS NULL AND terminal = $terminal THEN 'counted'
            WHEN state = 'counted' AND known_to IS NULL THEN 'elsewhere'
            WHEN state = 'counted' AND terminal = $terminal
                AND EXISTS (FROM withdrawn AS w
                    WHERE w."partition" = versions."partition" AND w.id_head = versions.id_head)
                THEN 'retracted'
            WHEN (state = 'refused' OR state = 'uncounted' AND known_to IS NULL)
                AND (terminal = $terminal OR terminal NOT IN (SELECT unnest($terminals)))
                THEN 'set_aside'
        END AS role
    FROM versions
    WHERE role IS NOT NULL AND ({within} OR role = 'set_aside' AND event_time IS NULL)
        AND (role = 'counted' OR {number} IN (
            SELECT container FROM theirs WHERE container IS NOT NULL))
"""
_ADOPTED = """
    UPDATE theirs SET
        fill = coalesce(theirs.fill, ours.fill),
        kind = coalesce(theirs.kind, CASE WHEN ours.kind = 'transhipment' THEN ours.kind END),
        voyage = coalesce(theirs.voyage, ours.voyage),
        vessel_name = coalesce(theirs.vessel_name, ours.vessel_name),
        vessel_imo = CASE WHEN upper(coalesce(theirs.vessel_name, ours.vessel_name))
            IS NOT DISTINCT FROM upper(ours.vessel_name) THEN ours.vessel_imo END,
        size_feet = CASE WHEN by_size IS NULL AND stated IS NOT NULL THEN ours.size_feet
            ELSE theirs.size_feet END
    FROM ours WHERE theirs.paired = ours.no
"""
_NAMED_BY_US = """
    UPDATE theirs SET vessel_imo = $vessel WHERE vessel_imo IS NULL AND upper(vessel_name) IN (
        SELECT upper(vessel_name) FROM ours WHERE vessel_imo = $vessel)
"""
_OF_NO_SHIP = """
    UPDATE theirs SET {name} = $ship WHERE {name} IS NULL AND role IS DISTINCT FROM 'counted'
        AND (SELECT count({name}) = 0 FROM stated)
"""
_AMOUNTS = """
    UPDATE theirs SET
        kind = coalesce(kind, 'normal'),
        teu = coalesce(stated, CASE WHEN kind = 'restow' OR move NOT IN ('LOAD', 'DISC') THEN 0
            ELSE by_size END, 0) / 100.0
"""


def make_theirs(connection: duckdb.DuckDBPyConnection, terms: ComparisonTerms, book: Book) -> None:
    """Make the table `theirs` of those moves of the statement that can matter."""
    terminal = terms.selection.terminal or ""
    within, values = _within(terms, book)
    values |= {"zone": book.port.time_zone, "cut_off": terms.cut_off // timedelta(minutes=1)}
    values |= {"terminal": terminal, "area": book.area_of.get(terminal, "")}
    connection.execute(_THEIRS.format(within=within), values)


def make_ours(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    terms: ComparisonTerms,
    book: Book,
) -> None:
    """Make the table `ours` of what the register in a folder holds that theirs may be.

    Raises:
        StackError: the register is damaged.
    """
    within, values = _within(terms, book)
    if terms.span(book.tz) is None:
        around = "event_time BETWEEN $since AND $until"
        asked = "SELECT min(event_time), max(event_time) FROM theirs"
        since, until = connection.execute(asked).fetchall()[0]
        if since is not None:
            values = {"since": since - terms.window, "until": until + terms.window}
            of_ship, more = Selection(
                voyage=terms.selection.voyage, vessel=terms.selection.vessel
            ).where()
            within, values = f"({around} OR ({of_ship}))", values | more
    number = SAME_NUMBER.format(container="container")
    values |= {"terminal": terms.selection.terminal, "terminals": [*book.area_of]}
    reading = RegisterReading(folder)
    reading.of_one_catalog(
        lambda: connection.execute(
            _OURS.format(versions=reading.versions, within=within, number=number), values
        )
    )


def adopt(connection: duckdb.DuckDBPyConnection, terms: ComparisonTerms) -> list[str]:
    """Take from ours what theirs leave open, and set their TEU; return what was taken for granted.

    A statement that names no kinds means transhipments as we do, but it has no restows.  One that
    names no ships or voyages is of the one that is compared, where ours do not say otherwise.
    """
    connection.execute(_ADOPTED)
    connection.execute(_AMOUNTS)
    wanted = terms.selection
    if wanted.vessel is not None:
        connection.execute(_NAMED_BY_US, {"vessel": wanted.vessel})
    said = []
    for name, ship in (("voyage", wanted.voyage), ("vessel_name", wanted.vessel)):
        if ship is None:
            continue
        asked = _OF_NO_SHIP.format(name=name)
        if number := connection.execute(asked, {"ship": ship}).fetchall()[0][0]:
            what = "voyage" if name == "voyage" else "ship"
            said.append(
                f"the statement names no {what}, so its {number:,} moves that we do not count are "
                f"taken to be of {ship}"
            )
    return said


def _within(terms: ComparisonTerms, book: Book) -> tuple[str, dict[str, Any]]:
    span = terms.span(book.tz)
    if span is None:
        return "true", {}
    return "event_time BETWEEN $since AND $until", dict(zip(("since", "until"), span, strict=True))


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=zone)
