"""The values of a whole report: the port area, the zone, and the targets of both."""

from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import Struct

from contract.book import Area, Book, Zone
from kpis.forecast.basis import Basis, questions
from kpis.model.calendar import day_start
from kpis.model.kpi import measure
from kpis.past.all_owners import PastOfOwners
from kpis.past.history import CURRENT_TARGETS
from kpis.plan.progress import Outlook
from kpis.target.target_book import OwnedTarget, TargetBook
from kpis.target.target_progress import Measured
from kpis.zone.indicators import IndicatorBook
from kpis.zone.portfolio import Portfolio
from reports.measuring.port_values import Filled, fill, port_values
from reports.measuring.zone_values import moment_before, zone_readings, zone_values
from reports.period import Period
from reports.values import AlertSpan, KpiReadings, ReportValues


class Owners(Struct, frozen=True):
    """The port area and the zone that a report is about; either may be None."""

    area: Area | None
    zone: Zone | None


Forecasts = Callable[[list[Basis]], list[Outlook | None]]
"""Makes the forecasts of some inputs at once, in their order."""


def run_rate(bases: list[Basis]) -> list[Outlook | None]:
    """Make no forecast: the run-rate stands in for it."""
    return [None] * len(bases)


class ReportMeasuring:
    """The measuring of one report: the books fill up to the end of its period, never beyond.

    Corrections, targets and amounts count in their newest version: the report says what is known
    now of a period of the past.
    """

    def __init__(
        self, book: Book, past: PastOfOwners, period: Period, forecasts: Forecasts = run_rate
    ) -> None:
        self._book, self._past, self._period = book, past, period
        self._forecasts = forecasts
        self._end = datetime.fromtimestamp(day_start(period.span.after, book.tz), UTC)

    def values(self, owners: Owners, alerts: tuple[AlertSpan, ...] | None = None) -> ReportValues:
        """Return the values of a report about its owners."""
        area, zone, span = owners.area, owners.zone, self._period.span
        measured: list[tuple[TargetBook, tuple[Measured, ...]]] = []
        filled = self._filled(area) if area else None
        if filled and area:
            measured.append((self._past.target_book(area.code), (filled.books,)))
        zone_past = self._past.zone(zone.code) if zone else None
        if zone_past and zone:
            before = zone_readings(*zone_past.books_at(span.first), span.first)
            held = zone_past.books_at(span.after)
            measured.append((self._past.target_book(zone.code), held))
        self._answer(measured)
        targets = [
            reading
            for book, books in measured
            for reading in measure(CURRENT_TARGETS, OwnedTarget(book, books), self._at(books))
        ]
        port_values_of = zone_values_of = None
        if filled and area:
            port_values_of = port_values(area, self._book.port, filled, self._period)
        if zone_past and zone:
            read = [before, zone_readings(*held, span.after)]
            zone_values_of = zone_values(zone, held[0], span, read)
        return ReportValues(
            self._period, KpiReadings.of(targets), port_values_of, zone_values_of, alerts
        )

    def _at(self, books: tuple[Measured, ...]) -> datetime:
        """The period's end; of a zone the last second before it."""
        if any(isinstance(one, Portfolio) for one in books):
            return moment_before(self._period.span.after, self._book.tz)
        return self._end

    def _filled(self, area: Area) -> Filled | None:
        filling = self._past.port(area.code)
        return fill(filling, self._period) if filling else None

    def _answer(self, measured: list[tuple[TargetBook, tuple[Measured, ...]]]) -> None:
        """Answer the forecasts that are due at the end of the period, as the worker does."""
        asked = [
            question
            for targets, books in measured
            for one in books
            if not isinstance(one, IndicatorBook)
            for question in questions(one, targets, self._end)
        ]
        bases = [question.basis for question in asked if question.basis]
        made = iter(self._forecasts(bases) if bases else [])
        for question in asked:
            question.answer(next(made) if question.basis else None)
