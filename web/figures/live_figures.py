"""A port area at this moment: the day so far, and where the year stands by now."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from msgspec import Struct

from kpis.model.calendar import day_of, day_start
from kpis.model.kpi import measure
from kpis.past.port_past import YEARS
from kpis.port import working_hours
from kpis.port.books import PortBooks
from kpis.port.throughput import LATEST
from reports.values import KpiReadings


class LiveFigures(Struct, frozen=True):
    """What is known of a port area at a moment, in the port's time zone."""

    at: datetime
    today: Mapping[str, float]
    """Terminal -> TEU since midnight."""
    planned_today: float | None
    """TEU planned from midnight to this moment; None without a plan."""
    readings: KpiReadings
    """The KPIs at this moment."""
    newest: datetime | None
    """When the newest quay move happened."""

    @property
    def on(self) -> date:
        """The day."""
        return self.at.date()

    @property
    def teu(self) -> float:
        """TEU since midnight."""
        return sum(self.today.values())

    @property
    def due(self) -> datetime | None:
        """When the next quay move must have been reported; None if none is expected."""
        at = self.readings.sum(LATEST[working_hours.next_move_due])
        return None if at is None else datetime.fromtimestamp(at, UTC).astimezone(self.at.tzinfo)


def live_figures(books: PortBooks, now: datetime) -> LiveFigures:
    """Measure books that hold the current day."""
    today, year = day_of(now, books.tz), books.year(day_of(now, books.tz).year)
    midnight = datetime.fromtimestamp(day_start(today, books.tz), UTC)
    planned = None
    if year.plan is not None:
        planned = year.plan.planned(now) - year.plan.planned(midnight)
    newest = books.newest
    return LiveFigures(
        at=now.astimezone(books.tz),
        today={code: sum(year.terminal_hours(code, today)) / 100 for code in year.terminals},
        planned_today=planned,
        readings=KpiReadings.of([*measure(YEARS, books, now), *measure(LATEST, books, now)]),
        newest=newest.astimezone(books.tz) if newest else None,
    )
