"""The gathering of all figures: the books are read on, and measured for each owner."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Protocol

import structlog
from msgspec.structs import replace

from access.client import AccessRefused, ask
from contract.book import Area, Book, Zone
from contract.errors import Misconfigured
from contract.settings import Settings
from kpis.forecast.basis import Basis
from kpis.model.calendar import day_of, day_start
from kpis.past.all_owners import PastOfOwners
from kpis.plan.progress import Outlook
from reports.measuring.report_values import Forecasts, Owners, ReportMeasuring
from reports.period import DAY, Period, ReportKind
from reports.values import AlertSpan, ReportValues
from stack.forecast_process import forecasts
from stack.status.exposition import lag
from stack.status.live_workers import worker_addresses
from web.figures.booked_days import BookedDays, kept_readings
from web.figures.live_figures import LiveFigures, live_figures
from web.figures.site_figures import OwnerFigures, SiteFigures
from web.figures.steady_forecasts import SteadyForecasts

log = structlog.get_logger(__name__)

LAG = "/metrics?name[]=pipeline_lag_events"
WORKER_SECONDS = 2.0  # a worker on this machine answers within milliseconds
ANSWERED_LATELY = timedelta(minutes=1)  # on a busy machine it may miss a pass or two


class FollowedBooks(Protocol):
    """Books that grow; `web.figures.books_follower` reads them from Kafka."""

    past: PastOfOwners

    def read(self) -> int:
        """Take what is new; return how much it is."""

    def close(self) -> None:
        """Forget what was read."""


class SiteGatherer:
    """Gathers the figures of all owners of a book again and again; used by one thread."""

    def __init__(
        self, settings: Settings, book: Book, books: FollowedBooks, now: Callable[[], datetime]
    ) -> None:
        self._settings, self._book, self._books, self._now = settings, book, books, now
        self._read_on: date | None = None
        self._answered: tuple[datetime | None, int] = (None, 0)
        """When a worker answered last, and how many events waited then."""
        self._booked: tuple[BookedDays, ...] = ()
        self._forecasts: dict[str, SteadyForecasts] = {}

    def gathered(self, alerts: tuple[AlertSpan, ...] | None) -> SiteFigures:
        """Read on, and return the figures of this moment.

        Once a day the topics are read from their beginning, so that what was deleted goes.

        Raises:
            StackError: no broker can be reached, or a topic is missing.
        """
        now = self._now()
        today = day_of(now, self._book.tz)
        if today != self._read_on:
            self._books.close()
        new = self._books.read()
        self._read_on = today
        self._booked = kept_readings(BookedDays.of(self._books.past, now), self._booked)
        lives = {area.code: self._live(area, now) for area in self._book.area}
        newest = max((one.newest for one in lives.values() if one and one.newest), default=None)
        is_filling = bool(new and newest and newest.timestamp() < self._begin(today - DAY))
        owners = (
            self._owner(one, lives.get(one.area.code) if one.area else None, alerts, is_filling)
            for one in owners_of(self._book)
        )
        return SiteFigures(
            at=now.astimezone(self._book.tz),
            owners=tuple(owners),
            clusters=self._book.zone.clusters if self._book.zone else {},
            is_filling=is_filling,
            booked_to=newest.date().isoformat() if newest else "",
            waiting=self._waiting(),
            booked=self._booked,
        )

    def close(self) -> None:
        """Disconnect."""
        self._books.close()

    def _owner(
        self,
        owners: Owners,
        live: LiveFigures | None,
        alerts: tuple[AlertSpan, ...] | None,
        is_filling: bool,
    ) -> OwnerFigures:
        named: Area | Zone | None = owners.area or owners.zone
        assert named is not None
        period = Period.newest(ReportKind.DAILY, day_of(self._now(), self._book.tz))
        steady = self._forecasts_of(named.code)
        make: Forecasts = steady
        if is_filling:  # a model of half-filled books would be wrong, and takes the loader's time
            make = _none_yet
        measuring = ReportMeasuring(self._book, self._books.past, period, make)
        values = _with_something(measuring.values(owners, alerts))
        pending = steady.is_pending and not is_filling
        return OwnerFigures(named.code, named.name, values, live, pending)

    def _live(self, area: Area, now: datetime) -> LiveFigures | None:
        filling = self._books.past.port(area.code)
        if filling is None:
            return None
        books = filling.until(day_of(now, self._book.tz) + timedelta(1))
        return live_figures(books, now)

    def _forecasts_of(self, code: str) -> SteadyForecasts:
        if code not in self._forecasts:
            minutes = self._settings.forecast_minutes
            self._forecasts[code] = SteadyForecasts(forecasts, minutes, self._now)
        return self._forecasts[code]

    def _waiting(self) -> int | None:
        """Return the lag of all workers; None if none has answered lately."""
        asked = map(self._lag_of, worker_addresses(self._settings))
        if said := [one for one in asked if one is not None]:
            self._answered = self._now(), sum(lag(one) or 0 for one in said)
        at, waiting = self._answered
        return waiting if at and self._now() - at < ANSWERED_LATELY else None

    def _lag_of(self, worker: str) -> str | None:
        try:
            return ask(self._settings.http_access, worker, LAG, WORKER_SECONDS)
        except (AccessRefused, Misconfigured) as error:
            log.warning("web.worker_refused", error=str(error))
            return None

    def _begin(self, on: date) -> float:
        return day_start(on, self._book.tz)


def owners_of(book: Book) -> tuple[Owners, ...]:
    """Return what the pages are about: each port area with the zone, or the zone alone."""
    if not book.area:
        return (Owners(None, book.zone),)
    return tuple(Owners(area, book.zone) for area in book.area)


def _none_yet(bases: list[Basis]) -> list[Outlook | None]:
    return [None] * len(bases)


def _with_something(values: ReportValues) -> ReportValues | None:
    """Leave out a port area without a day that is over; None if nothing is left."""
    if values.port and values.port.begin is None:
        values = replace(values, port=None)
    return values if values.port or values.zone else None
