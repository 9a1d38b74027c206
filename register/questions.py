"""Questions to a register: what stood, what changed between two instants, what became of a box."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from enum import StrEnum
from functools import wraps
from itertools import chain
from pathlib import Path
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from register.files import connected
from register.question_sql import (
    AT,
    CHANGE,
    CHANGED_RECORDS,
    CLASSES,
    SET_ASIDE_TOO,
    STANDING,
    STANDING_RECORDS,
)
from register.reading import RegisterReading
from register.selection import Amount, Selection, SummedUnit

P = ParamSpec("P")
T = TypeVar("T")
EVERY = 1 << 62
VersionRow = dict[str, Any]
"""Column -> value of a version; register/columns.py says what each is."""
AT_ONCE = 2_000  # rows that are fetched, some 3 kB each


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


class ClassPart(NamedTuple):
    """The moves and TEU of one class."""

    move: str
    kind: str
    fill: str | None
    size_feet: str
    moves: int
    teu: Amount


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


_AS_IT_HAPPENED = 'event_time, known_from, "partition", "offset"'
FOUND_BY = {
    "container": "upper(regexp_replace(container, '[\\s-]', '', 'g')) = "
    "upper(regexp_replace($sought, '[\\s-]', '', 'g'))",
    "vessel": "vessel_imo = $sought OR upper(vessel_name) = upper($sought)",
    "voyage": "upper(voyage) = upper($sought)",
    "document": "document = $sought",
    "event_id": "event_id = $sought",
}
"""What `find` looks for -> its condition."""


def of_one_catalog(
    ask: Callable[Concatenate["RegisterQuestions", P], T],
) -> Callable[Concatenate["RegisterQuestions", P], T]:
    """Ask again where the register was brought up to date meanwhile and files were replaced."""

    @wraps(ask)
    def asked(questions: "RegisterQuestions", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return questions.reading.of_one_catalog(lambda: ask(questions, *args, **kwargs))

    return asked


class RegisterQuestions:
    """A register that is asked; every question raises a StackError if its files can't be read."""

    def __init__(self, folder: Path, zone: ZoneInfo) -> None:
        self.reading, self._zone = RegisterReading(folder), zone
        self._connection = connected()
        # a question reads the same files more than once
        self._connection.execute("SET parquet_metadata_cache = true")

    @of_one_catalog
    def standing(
        self, selection: Selection, measure: SummedUnit, at: datetime
    ) -> list[StandingPart]:
        """Return what stood at an instant, and beside it what was in no sum."""
        where, values = selection.where()
        asked = STANDING.format(measure=measure, standing=SET_ASIDE_TOO, where=where)
        return [StandingPart(*row) for row in self._asked(asked, values | {"at": at})]

    @of_one_catalog
    def standing_records(
        self, selection: Selection, at: datetime, most: int = EVERY
    ) -> list[VersionRow]:
        """Return the versions of which `standing` tells the sums, by event time, at most so many.

        One takes some 3 kB of memory.
        """
        where, values = selection.where()
        asked = STANDING_RECORDS.format(standing=SET_ASIDE_TOO, where=where, most=most)
        return self._rows(asked, values | {"at": at})

    @of_one_catalog
    def each_standing_record(
        self, selection: Selection, at: datetime, most: int = EVERY
    ) -> Iterator[VersionRow]:
        """Return the same versions one after another; however many, a few at a time in memory."""
        where, values = selection.where()
        asked = STANDING_RECORDS.format(standing=SET_ASIDE_TOO, where=where, most=most)
        return self._each(asked, values | {"at": at})

    @of_one_catalog
    def classes(self, selection: Selection, at: datetime) -> list[ClassPart]:
        """Return the sums of each class of moves that stood at an instant."""
        where, values = selection.where()
        asked = CLASSES.format(standing=AT.format(at="$at"), where=where)
        return [ClassPart(*row) for row in self._asked(asked, values | {"at": at})]

    @of_one_catalog
    def change(
        self, selection: Selection, measure: SummedUnit, since: datetime, until: datetime
    ) -> Explanation:
        """Return the change of a sum between two instants of knowledge, by its causes."""
        rows = self._asked(*self._of_change(CHANGE, (selection, measure), since, until))
        return Explanation(
            self._amount(selection, measure, since),
            self._amount(selection, measure, until),
            [ChangePart(Cause(cause), *of) for cause, *of in rows],
        )

    @of_one_catalog
    def changed_records(
        self,
        of: tuple[Selection, SummedUnit],
        since: datetime,
        until: datetime,
        most: int = EVERY,
        cause: Cause | None = None,
    ) -> list[VersionRow]:
        """Return the versions that began or ended between two instants, as they came.

        Each has its `cause`, and in `amount` what it adds to the change or takes from it.  With a
        cause they are those of it.
        """
        limited = CHANGED_RECORDS.replace("{most}", str(most))
        asked, values = self._of_change(limited, of, since, until)
        return self._rows(asked, values | {"cause": cause and cause.value})

    @of_one_catalog
    def each_changed_record(
        self,
        of: tuple[Selection, SummedUnit],
        since: datetime,
        until: datetime,
        most: int = EVERY,
    ) -> Iterator[VersionRow]:
        """Return the same versions one after another; however many, a few at a time in memory."""
        limited = CHANGED_RECORDS.replace("{most}", str(most))
        asked, values = self._of_change(limited, of, since, until)
        return self._each(asked, values | {"cause": None})

    @of_one_catalog
    def amount(self, selection: Selection, measure: SummedUnit, at: datetime | None) -> Amount:
        """Return the sum at an instant; None is the end of the register."""
        return self._amount(selection, measure, at)

    @of_one_catalog
    def known_span(self) -> tuple[datetime | None, datetime | None]:
        """Return when Kafka got the first and the last record; None if there is none."""
        [(first, last)] = self._asked("SELECT min(known_from), max(known_from) FROM versions", {})
        return first, last

    @of_one_catalog
    def find(self, by: str, sought: str, most: int = EVERY) -> list[VersionRow]:
        """Return the versions of what is sought, by event time, then as they came.

        What withdrew an event names its id and nothing else, and is one of them.
        """
        found = FOUND_BY[by]
        asked = f"""
            SELECT * FROM versions WHERE ({found})
                OR by_id AND (source, event_id)
                    IN (SELECT (source, event_id) FROM versions WHERE {found})
            ORDER BY {_AS_IT_HAPPENED} LIMIT {most}
        """
        return self._rows(asked, {"sought": sought})

    def _amount(self, selection: Selection, measure: SummedUnit, at: datetime | None) -> Amount:
        where, values = selection.where()
        standing = "known_to IS NULL"
        if at is not None:
            standing, values = AT.format(at="$at"), values | {"at": at}
        asked = (
            f"SELECT coalesce(sum({measure}), 0) FROM versions "
            f"WHERE state = 'counted' AND {standing} AND ({where})"
        )
        return Amount(self._asked(asked, values)[0][0])

    def _of_change(
        self, asked: str, of: tuple[Selection, SummedUnit], since: datetime, until: datetime
    ) -> tuple[str, dict[str, Any]]:
        """Return the SQL of a change, and its parameters."""
        (selection, measure), day = of, since.astimezone(self._zone).date()
        where, values = selection.where()
        at_a, at_b = AT.format(at="$a"), AT.format(at="$b")
        filled = asked.format(where=where, measure=measure, at_a=at_a, at_b=at_b)
        return filled, values | {"a": since, "b": until, "day": day}

    def _rows(self, asked: str, values: dict[str, Any]) -> list[VersionRow]:
        found = self._connection.execute(self._with_versions(asked), values)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def _each(self, asked: str, values: dict[str, Any]) -> Iterator[VersionRow]:
        """Return rows as they are fetched.

        They are sorted, so all files were read before the first one: a register that is brought up
        to date meanwhile changes none.
        """
        found = self._connection.cursor().execute(self._with_versions(asked), values)
        names = [column[0] for column in found.description]
        first = found.fetchmany(AT_ONCE)
        rest = chain.from_iterable(iter(lambda: found.fetchmany(AT_ONCE), []))
        return (dict(zip(names, row, strict=True)) for row in chain(first, rest))

    def _asked(self, asked: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        return self._connection.execute(self._with_versions(asked), values).fetchall()

    def _with_versions(self, asked: str) -> str:
        versions = f"{self.reading.versions} AS versions"
        return re.sub(r"\b(FROM|JOIN) versions\b", lambda at: f"{at[1]} {versions}", asked)
