"""The working hours of the quay, and how long it may report no move in them."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from contract.book import Port
from kpis.model.calendar import day_of, day_start
from kpis.port.books import PortBooks

CLOSED_DAYS = 400  # days to search for the next working hour; no port closes longer


def next_move_due(books: PortBooks, at: datetime) -> float | None:
    """When the next quay move must have been reported at the latest.

    The newest move plus `quiet_hours` of working time (`work_from`, `work_to`, `closed` of
    quaymark.toml), in Unix seconds.  Absent while the books have no move.
    """
    newest = [port.newest for port in books.years(at)]
    last = max((one for one in newest if one is not None), default=None)
    return None if last is None else worked_until(last, books.port, books.tz)


def worked_until(since: datetime, port: Port, tz: ZoneInfo) -> float | None:
    """Return the instant after `quiet_hours` of working time, in Unix seconds."""
    left = port.quiet_hours * 3600
    for begins, ends in _shifts(day_of(since, tz), port, tz):
        begins = max(begins, since.timestamp())
        if left <= ends - begins:
            return begins + left
        left -= max(0.0, ends - begins)
    return None


def _shifts(first: date, port: Port, tz: ZoneInfo) -> Iterator[tuple[float, float]]:
    """Iterate over begin and end of each working day, in Unix seconds."""
    for on in (first + timedelta(days) for days in range(CLOSED_DAYS)):
        if on not in port.closed:
            midnight = day_start(on, tz)
            last = day_start(on + timedelta(1), tz)
            yield (
                midnight + port.work_from * 3600,
                last if port.work_to == 24 else midnight + port.work_to * 3600,
            )
