"""Questions to a register: what stood, what changed between two instants, what became of a box.

What stood at t are the versions with `known_from <= t < known_to`, so each question is one scan.
"""

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from register import catalog as catalogs
from register.files import connected, versions_sql
from register.selection import Amount, Quantity, Selection


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


class StandingPart(NamedTuple):
    """The records of one state, reason, terminal and source that stood at an instant."""

    state: str
    """counted, or what was set aside: uncounted, retracted or refused."""
    reason: str | None
    terminal: str
    source: str | None
    records: int
    amount: Amount


class ChangePart(NamedTuple):
    """The part of a change that has one cause, at one terminal, day and source."""

    cause: Cause
    terminal: str
    on: date
    source: str
    events: int
    amount: Amount


class Explanation(NamedTuple):
    """A change of a figure, by what caused it; the parts' amounts sum to `new - old`."""

    old: Amount
    new: Amount
    parts: list[ChangePart]

    def by_cause(self) -> dict[str, Amount]:
        """Return cause -> the sum of its parts, for the causes that there are."""
        sums: dict[str, Amount] = {}
        for part in self.parts:
            sums[part.cause.value] = sums.get(part.cause.value, Amount(0)) + part.amount
        return sums

    @property
    def unexplained(self) -> Amount:
        """What the parts do not sum to; 0 if the explanation closes."""
        return self.new - self.old - sum((part.amount for part in self.parts), Amount(0))


_AT = "known_from <= {at} AND (known_to IS NULL OR known_to > {at})"
_STANDING = """
    SELECT state, reason, terminal, source, count(*), sum({measure}) FROM versions
    WHERE CASE WHEN state = 'refused' THEN known_from <= $at ELSE {standing} END AND ({where})
    GROUP BY ALL ORDER BY state, reason NULLS FIRST, terminal, source
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
_AS_IT_HAPPENED = 'event_time, known_from, "partition", "offset"'
FOUND_BY = {
    "container": "upper(regexp_replace(container, '[\\s-]', '', 'g')) = upper($sought)",
    "vessel": "vessel_imo = $sought OR vessel_name ILIKE $sought",
    "voyage": "voyage = $sought",
    "event_id": "event_id = $sought",
}
"""What `find` looks for -> its condition."""


class RegisterQuestions:
    """A register that is asked."""

    def __init__(self, folder: Path, zone: ZoneInfo) -> None:
        self._zone = zone
        self.catalog = catalogs.read(folder)
        self._connection = connected()
        self._versions = versions_sql(folder, self.catalog)

    def standing(
        self, selection: Selection, measure: Quantity, at: datetime
    ) -> list[StandingPart]:
        """Return what stood at an instant, and beside it what was in no sum."""
        where, values = selection.where()
        asked = _STANDING.format(measure=measure, standing=_AT.format(at="$at"), where=where)
        return [StandingPart(*row) for row in self._asked(asked, values | {"at": at})]

    def change(
        self, selection: Selection, measure: Quantity, since: datetime, until: datetime
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
            [ChangePart(Cause(cause), *of) for cause, *of in rows],
        )

    def amount(self, selection: Selection, measure: Quantity, at: datetime | None) -> Amount:
        """Return the sum at an instant; None is the end of the register."""
        where, values = selection.where()
        standing = "known_to IS NULL"
        if at is not None:
            standing, values = _AT.format(at="$at"), values | {"at": at}
        asked = (
            f"SELECT coalesce(sum({measure}), 0) FROM versions "
            f"WHERE state = 'counted' AND {standing} AND ({where})"
        )
        return Amount(self._asked(asked, values)[0][0])

    def find(self, by: str, sought: str) -> list[dict[str, Any]]:
        """Return every version of what is sought, by event time, then as they came."""
        asked = f"SELECT * FROM versions WHERE ({FOUND_BY[by]}) ORDER BY {_AS_IT_HAPPENED}"
        found = self._connection.execute(self._with_versions(asked), {"sought": sought})
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def _asked(self, asked: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        return self._connection.execute(self._with_versions(asked), values).fetchall()

    def _with_versions(self, asked: str) -> str:
        return asked.replace("FROM versions", f"FROM {self._versions} AS versions")
