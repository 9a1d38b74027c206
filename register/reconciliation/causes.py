"""The difference of a statement and the books, taken apart by cause.

Of a pair the attributes of ours become those of theirs one after the other, in the order of the
causes.  What each of these steps adds to the figure belongs to its cause, so that the steps of a
pair sum to its difference, whatever differs.
"""

from enum import StrEnum

import duckdb

from register.reconciliation.sides import COUNTED, ComparisonTerms
from register.selection import Amount, SummedUnit


class DifferenceCause(StrEnum):
    """Why a statement says otherwise, in the order in which causes are told."""

    ONLY_THEIRS = "only_theirs"
    """We have no such move at this terminal."""
    ONLY_OURS = "only_ours"
    """They have no such move."""
    OTHER_DAY = "other_day"
    """Their time puts it on another day, as their day may begin at another hour."""
    OTHER_SHIP = "other_ship"
    """It is of another ship or voyage; only where a ship is compared."""
    OTHER_SIZE = "other_size"
    """Their size is another, or they give the same size other TEU."""
    OTHER_FILL = "other_fill"
    """Laden with one, empty with the other."""
    OTHER_KIND = "other_kind"
    """A restow or a transhipment for one of both, or counted otherwise."""
    RETRACTED = "retracted"
    """We had counted it, and it was withdrawn."""
    UNSIZED = "unsized"
    """Its size is unknown to us."""
    SET_ASIDE = "set_aside"
    """We got it, and could not count it; the note has the reason."""
    OTHER_SUM = "other_sum"
    """Totals only: both have a sum, and they differ."""


_OURS = (
    *("event_time", "container", "move", "business_day", "kind", "fill", "size_feet", "teu"),
    *("moves", "voyage", "vessel_name", "vessel_imo", "area", "terminal", "source"),
)
_DAY = {"business_day": "t.business_day"}
_SHIP = {"voyage": "t.voyage", "vessel_name": "t.vessel_name", "vessel_imo": "t.vessel_imo"}
_SIZE = {
    "size_feet": "t.size_feet",
    "teu": """CASE WHEN o.kind = 'restow' OR o.move NOT IN ('LOAD', 'DISC') THEN 0
        WHEN t.kind = o.kind THEN t.teu
        ELSE coalesce(t.by_size, t.stated, 0) / 100.0 END""",
}
_FILL = {"fill": "t.fill"}
_KIND = {"kind": "t.kind", "teu": "t.teu"}
_STEPS: tuple[tuple[str, dict[str, str], str], ...] = (
    ("'other_day'", _DAY, "t.business_day <> o.business_day"),
    (
        "'other_ship'",
        _SHIP,
        "(upper(t.voyage), upper(t.vessel_name)) IS DISTINCT FROM "
        "(upper(o.voyage), upper(o.vessel_name)) AND $ship",
    ),
    (
        "CASE WHEN o.size_feet = 'unknown' THEN 'unsized' ELSE 'other_size' END",
        _SIZE,
        f"t.size_feet <> o.size_feet OR {_SIZE['teu']} <> o.teu",
    ),
    ("'other_fill'", _FILL, "t.fill IS DISTINCT FROM o.fill"),
    ("'other_kind'", _KIND, "t.kind <> o.kind OR t.kind = 'restow' AND t.teu <> 0"),
)
"""DifferenceCause, the columns that become theirs, and whether they differ."""
_TABLE = """
    CREATE TABLE difference (
        cause VARCHAR, theirs BIGINT, ours BIGINT, amount DECIMAL(18, 2), note VARCHAR
    )
"""
_STEP = """
    INSERT INTO difference
    WITH state AS (
        SELECT t.no AS theirs, o.no AS ours, {cause} AS cause, -1 AS sign, {before} {pairs}
        UNION ALL
        SELECT t.no AS theirs, o.no AS ours, {cause} AS cause, 1 AS sign, {after} {pairs}
    )
    SELECT cause, theirs, ours, sum(CASE WHEN {where} THEN sign * {measure} ELSE 0 END), NULL
    FROM state SEMI JOIN concerned USING (theirs) GROUP BY ALL
"""
_PAIRS = """
    FROM theirs AS t JOIN ours AS o ON t.paired = o.no WHERE t.role = 'counted' AND ({differs})
"""
_CONCERNED = """
    CREATE TABLE concerned AS
    SELECT no AS theirs FROM theirs WHERE role = 'counted' AND ({where})
    UNION SELECT paired FROM ours WHERE role = 'counted' AND paired IS NOT NULL AND ({where})
"""
_ALONE = """
    INSERT INTO difference
    SELECT CASE role WHEN 'retracted' THEN 'retracted' WHEN 'set_aside' THEN 'set_aside'
            ELSE 'only_theirs' END,
        no, paired, {measure},
        CASE WHEN role = 'elsewhere' THEN 'counted at ' || (
                SELECT terminal FROM ours WHERE ours.no = theirs.paired)
            WHEN role = 'set_aside' THEN (SELECT reason FROM ours WHERE ours.no = theirs.paired)
            WHEN role IS NULL AND (container, move, event_time) IN (
                SELECT (container, move, event_time) FROM theirs
                GROUP BY ALL HAVING count(*) > 1) THEN 'more than once in the statement'
            WHEN container IS NULL THEN 'without a container number'
        END
    FROM theirs WHERE role IS DISTINCT FROM 'counted' AND ({where})
"""
_OURS_ALONE = """
    INSERT INTO difference
    SELECT 'only_ours', NULL, no, -{measure},
        CASE WHEN container IS NULL THEN 'without a container number' END
    FROM ours WHERE role = 'counted' AND paired IS NULL AND ({where})
"""


def take_apart(
    connection: duckdb.DuckDBPyConnection, terms: ComparisonTerms, measure: SummedUnit
) -> None:
    """Make the table `difference`: what each move adds to theirs less ours, and why.

    What differs and adds nothing to this figure is in it, too, with the amount 0.
    """
    where, values = terms.selection.where()
    connection.execute(_TABLE)
    connection.execute(_CONCERNED.format(where=where), values)
    replaced: dict[str, str] = {}
    for cause, changed, differs in _STEPS:
        before = {name: replaced.get(name, f"o.{name}") for name in _OURS}
        replaced |= changed
        after = {name: replaced.get(name, f"o.{name}") for name in _OURS}
        asked = _STEP.format(
            cause=cause,
            before=_listed(before),
            after=_listed(after),
            pairs=_PAIRS.format(differs=differs),
            where=where,
            measure=measure,
        )
        ship = {"ship": bool(terms.ship)} if "$ship" in differs else {}
        connection.execute(asked, values | ship)
    for asked in (_ALONE, _OURS_ALONE):
        connection.execute(asked.format(where=where, measure=measure), values)


def figure(
    connection: duckdb.DuckDBPyConnection, side: str, terms: ComparisonTerms, measure: SummedUnit
) -> Amount:
    """Return the sum of a side: `theirs`, or `ours`."""
    where, values = terms.selection.where()
    counts = f"role = '{COUNTED}'" if side == "ours" else "true"
    asked = f"SELECT coalesce(sum({measure}), 0) FROM {side} WHERE {counts} AND ({where})"
    return Amount(connection.execute(asked, values).fetchall()[0][0])


def _listed(columns: dict[str, str]) -> str:
    return ", ".join(f"{value} AS {name}" for name, value in columns.items())
