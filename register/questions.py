"""Questions to a register: what stood at an instant, what changed between two, what became of a box.

What stood at t are the versions with `known_from <= t < known_to`, so each question is one scan.
"""

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from register import catalog as catalogs
from register.files import connected, versions_sql
from register.selection import Amount, Measure, Selection


class Cause(StrEnum):
    """Why a figure changed between two instants of knowledge."""

    NEW = "new"
    """A move of a day that was not over at the first instant."""
    LATE = "late"
    """A move of a day that was over at the first instant."""
    RETRIED = "retried"
    """A move that had been refused, and was sent again by `rejected retry`."""
    MOVED = "moved"
    """An amendment to another day, terminal or area."""
    SIZE_LEARNT = "size_learnt"
    """An amendment of a move whose size was unknown."""
    AMENDED = "amended"
    """Any other amendment, such as of size, fill or kind."""
    RETRACTED = "retracted"
    """A move that was withdrawn."""
    NO_LONGER_COUNTED = "no_longer_counted"
    """An amendment by which a move is in no sum, such as from actual to planned."""


class Standing(NamedTuple):
    """What stood at an instant: its sum, and what is beside it."""

    amount: Amount
    moves: int
    by_terminal: list[tuple[str, str, Amount, int]]
    """(terminal, source, amount, moves)."""
    aside: list[tuple[str, str, int]]
    """(state, reason, records) of what is uncounted, refused, or counted without TEU."""


class Step(NamedTuple):
    """The part of a change that has one cause, at one terminal, day and source."""

    cause: Cause
    terminal: str
    on: date
    source: str
    events: int
    amount: Amount


class Explanation(NamedTuple):
    """A change of a figure, by what caused it; the steps' amounts sum to `new - old`."""

    old: Amount
    new: Amount
    steps: list[Step]

    @property
    def unexplained(self) -> Amount:
        """What the steps do not sum to; 0 if the explanation closes."""
        return self.new - self.old - sum((step.amount for step in self.steps), Amount(0))


_AT = "known_from <= {at} AND (known_to IS NULL OR known_to > {at})"
_STANDING = """
    SELECT terminal, source, sum({measure}), sum(moves), state, reason FROM versions
    WHERE (state = 'refused' AND known_from <= $at OR state <> 'refused' AND {standing})
        AND ({where}) GROUP BY ALL ORDER BY ALL
"""
_CHANGE = """
    WITH booked AS (
        SELECT *, state = 'counted' AS counts,
            CASE WHEN counts AND ({where}) THEN {measure} ELSE 0 END AS value
        FROM versions WHERE state <> 'refused'
    ),
    touched AS (
        SELECT DISTINCT "partition", id_head FROM booked
        WHERE known_from > $a AND known_from <= $b OR known_to > $a AND known_to <= $b
    ),
    histories AS (SELECT booked.* FROM booked SEMI JOIN touched USING ("partition", id_head)),
    pair AS (
        SELECT o AS old, n AS new, CASE
            WHEN o.counts AND n.counts THEN CASE
                WHEN (o.area, o.terminal, o.business_day) <> (n.area, n.terminal, n.business_day)
                    THEN 'moved'
                WHEN o.size_feet = 'unknown' AND n.size_feet <> 'unknown' THEN 'size_learnt'
                ELSE 'amended' END
            WHEN n.counts THEN CASE
                WHEN n.attempt > 1 THEN 'retried'
                WHEN n.business_day < $day THEN 'late'
                ELSE 'new' END
            WHEN n.state = 'retracted' THEN 'retracted'
            ELSE 'no_longer_counted' END AS cause
        FROM (SELECT * FROM histories WHERE {at_a}) AS o
        FULL JOIN (SELECT * FROM histories WHERE {at_b}) AS n
            ON o."partition" = n."partition" AND o.id_head = n.id_head
    ),
    part AS (
        SELECT cause, old AS version, -old.value AS amount FROM pair WHERE old.value <> 0
        UNION ALL
        SELECT cause, new AS version, new.value AS amount FROM pair WHERE new.value <> 0
    )
    SELECT cause, version.terminal, version.business_day, version.source,
        count(DISTINCT (version."partition", version.id_head)), sum(amount)
    FROM part GROUP BY ALL ORDER BY ALL
"""
_FOUND_BY = {
    "container": "upper(regexp_replace(container, '[\\s-]', '', 'g')) = upper($sought)",
    "vessel": "vessel_imo = $sought OR vessel_name ILIKE $sought",
    "voyage": "voyage = $sought",
    "event_id": "event_id = $sought",
}
"""What `find` looks for -> its condition."""


class Questions:
    """A register that is asked."""

    def __init__(self, folder: Path, zone: ZoneInfo) -> None:
        self._zone = zone
        self.catalog = catalogs.read(folder)
        self._connection = connected()
        self._versions = versions_sql(folder, self.catalog)

    def standing(self, selection: Selection, at: datetime) -> Standing:
        """Return what stood at an instant, in TEU, and beside it what was in no sum."""
        where, values = selection.where()
        asked = _STANDING.format(measure="teu", standing=_AT.format(at="$at"), where=where)
        rows = self._asked(asked, values | {"at": at})
        return Standing(
            sum((amount for _, _, amount, *_ in rows), Amount(0)),
            sum(moves for _, _, _, moves, *_ in rows),
            [row[:4] for row in rows if row[3]],
            [],
        )

    def change(
        self, selection: Selection, measure: Measure, since: datetime, until: datetime
    ) -> Explanation:
        """Return the change of a sum between two instants of knowledge, by its causes."""
        where, values = selection.where()
        asked = _CHANGE.format(
            where=where, measure=measure, at_a=_AT.format(at="$a"), at_b=_AT.format(at="$b")
        )
        day = since.astimezone(self._zone).date()
        rows = self._asked(asked, values | {"a": since, "b": until, "day": day})
        return Explanation(
            self.amount(selection, measure, since),
            self.amount(selection, measure, until),
            [Step(Cause(cause), *of) for cause, *of in rows],
        )

    def amount(self, selection: Selection, measure: Measure, at: datetime) -> Amount:
        """Return the sum at an instant."""
        where, values = selection.where()
        asked = (
            f"SELECT coalesce(sum({measure}), 0) FROM versions "
            f"WHERE state = 'counted' AND {_AT.format(at='$at')} AND ({where})"
        )
        return Amount(self._asked(asked, values | {"at": at})[0][0])

    def find(self, by: str, sought: str) -> list[dict[str, Any]]:
        """Return every version of what is sought, by event time, then as they came."""
        condition = _FOUND_BY[by]
        asked = f"SELECT * FROM versions WHERE {condition} ORDER BY event_time, known_from, offset"
        found = self._connection.execute(self._with_versions(asked), {"sought": sought})
        return found.to_arrow_table().to_pylist()

    def _asked(self, asked: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        return self._connection.execute(self._with_versions(asked), values).fetchall()

    def _with_versions(self, asked: str) -> str:
        return asked.replace("FROM versions", f"FROM {self._versions} AS versions")
