"""Records of the register as an answer: all their columns in files, the main ones for a person."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from register.questions import EVERY, VersionRow
from stack.explaining.answer_table import AnswerTable

COLUMNS = (
    *("event_time", "move", "area", "terminal", "container", "size_feet", "fill", "kind", "mode"),
    *("vessel_name", "vessel_imo", "voyage", "document", "teu", "state", "reason", "known_from"),
    *("known_to", "recorded_time", "source", "event_id", "partner", "file", "line", "topic"),
    *("partition", "offset", "place", "error"),
)
MAIN = (
    *("event_time", "move", "terminal", "container", "size_feet", "fill", "vessel_name", "voyage"),
    *("teu", "state", "reason", "known_from", "known_to", "place"),
)
OF_A_CHANGE = ("cause", "amount")


class FetchedRows:
    """Rows that are fetched anew each time they are gone through: they are never all in memory."""

    def __init__(self, number: int, fetch: Callable[[int], Iterator[tuple[Any, ...]]]) -> None:
        self._number, self._fetch = number, fetch

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self._fetch(EVERY)

    def __getitem__(self, first: slice) -> list[tuple[Any, ...]]:
        return list(self._fetch(first.stop))


def record_table(
    found: Sequence[VersionRow], zone: ZoneInfo, before: tuple[str, ...] = ()
) -> AnswerTable:
    """Return records as an answer with instants in a time zone; `before` are further columns."""
    return fetched_records(len(found), lambda most: islice(found, most), zone, before)


def fetched_records(
    number: int,
    fetch: Callable[[int], Iterator[VersionRow]],
    zone: ZoneInfo,
    before: tuple[str, ...] = (),
) -> AnswerTable:
    """Return so many records as the same answer; `fetch` asks for the first so many each time."""
    columns = (*before, *COLUMNS)

    def rows(most: int) -> Iterator[tuple[Any, ...]]:
        for row in fetch(most):
            yield tuple(
                _in_zone(row.get(name) if name != "place" else place(row), zone)
                for name in columns
            )

    return AnswerTable(columns, FetchedRows(number, rows), (*before, *MAIN))


def place(row: VersionRow) -> str:
    """Return where a record lies: in a file, or at an offset of a partition."""
    if row["file"] is not None:
        return f"{row['file']}: {row['line']}"
    return f"{row['topic']}/{row['partition']}/{row['offset']}"


def _in_zone(value: Any, zone: ZoneInfo) -> Any:
    return value.astimezone(zone) if isinstance(value, datetime) else value
