"""Records of the register as an answer: all their columns in files, the main ones for a person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from register.questions import VersionRow
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


def record_table(
    found: Sequence[VersionRow], zone: ZoneInfo, before: tuple[str, ...] = ()
) -> AnswerTable:
    """Return records as an answer with instants in a time zone; `before` are further columns."""
    columns = (*before, *COLUMNS)
    rows = [
        tuple(_in_zone(row.get(name) if name != "place" else place(row), zone) for name in columns)
        for row in found
    ]
    return AnswerTable(columns, rows, (*before, *MAIN))


def place(row: VersionRow) -> str:
    """Return where a record lies: in a file, or at an offset of a partition."""
    if row["file"] is not None:
        return f"{row['file']}: {row['line']}"
    return f"{row['topic']}/{row['partition']}/{row['offset']}"


def _in_zone(value: Any, zone: ZoneInfo) -> Any:
    return value.astimezone(zone) if isinstance(value, datetime) else value
