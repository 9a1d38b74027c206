"""What a producer reports of its progress, for the supervisor and `quaymark runs` to read."""

from datetime import date

import msgspec
from msgspec import Struct

EXIT_OTHER_SOURCES = 3
"""Exit code of `producers simulate --check` if the live topics hold events of other sources."""


class SimulationProgress(Struct, frozen=True, tag_field="event", tag="simulate.progressed"):
    """The log record by which `python -m producers simulate` reports its progress."""

    day: str
    """The day of the history that it has reached, such as 2026-03-04."""
    sent: int
    """Events sent since it was started."""
    rate: float
    """Events a second since it was started."""
    share: float
    """The share of the history that is sent, from 0 to 1; it is 1 once the events are live."""


class ReplayPosition(Struct, frozen=True):
    """The file by which a replay notes its position: Kafka has all records of days before `day`.

    Another process continues from it, and `quaymark runs` shows it.
    """

    day: date
    sent: int
    """Records sent, without targets, by all processes that worked on this replay."""
    is_over: bool = False
    offsets: dict[str, dict[int, int]] = {}
    """Topic -> partition -> offset in the source up to which all records were sent.

    It is empty for files, whose records have no offset.  Days alone are not enough: an archive
    goes back in time where one partition was filled later than others, but each partition keeps
    its order.
    """


_simulation_progress = msgspec.json.Decoder(SimulationProgress)


def log_record(progress: SimulationProgress) -> dict[str, str | int | float]:
    """Return the fields of the log record, its name in `event` included."""
    return dict(msgspec.to_builtins(progress))


def progress_in_log(line: str) -> SimulationProgress | None:
    """Return the progress in a line of the producer's JSON log; None for any other line."""
    try:
        return _simulation_progress.decode(line)
    except msgspec.MsgspecError:
        return None  # a record of another name, or a line cut by rotation
