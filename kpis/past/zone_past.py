"""The history of a zone, day by day: projects by dated stages, figures after their period."""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime

from contract.book import Book
from contract.snapshots import IndicatorValue, ProjectCard
from kpis.model.calendar import day_start, period_end
from kpis.model.kpi import measure
from kpis.past.history import DAILY_SECONDS, DAY, HistoryPoint, InstantSpan, TargetHistory
from kpis.zone.indicators import INDICATORS, IndicatorBook
from kpis.zone.investment import INVESTMENT
from kpis.zone.portfolio import Portfolio


class ZonePast:
    """The books of a zone, measured at the beginning of each day of some years."""

    def __init__(
        self,
        book: Book,
        zone: str,
        cards: Collection[ProjectCard],
        figures: Iterable[IndicatorValue],
        targets: TargetHistory,
    ) -> None:
        self._zone, self._tz, self._targets = zone, book.tz, targets
        self._portfolio, self._indicators = Portfolio(book, zone), IndicatorBook(book, zone)
        self._has_cards = bool(cards)
        for card in cards:
            self._portfolio.post(card)
        self._coming = sorted(
            figures, key=lambda one: period_end(one.period, book.tz), reverse=True
        )
        """Figures whose period is not over yet, the next one last."""

    def books_at(self, on: date) -> tuple[Portfolio, IndicatorBook]:
        """Return the books with the figures of all periods that are over when a day begins."""
        self._publish(day_start(on, self._tz))
        return self._portfolio, self._indicators

    def points(self, years: Collection[int], span: InstantSpan) -> Iterator[HistoryPoint]:
        """Iterate over all history points, in order."""
        for year in sorted(years):
            on = date(year, 1, 1)
            while (at := day_start(on, self._tz)) <= span.until and on.year == year:
                self._publish(at)
                if at >= span.since:
                    yield from self._day(at)
                on += DAY
            if on.year not in years and at <= span.until:
                yield HistoryPoint(at, self._zone, ())
                yield self._targets.end_point(at)

    def _publish(self, at: float) -> None:
        while self._coming and period_end(self._coming[-1].period, self._tz) <= at:
            self._indicators.post(self._coming.pop())

    def _day(self, at: float) -> Iterator[HistoryPoint]:
        moment = datetime.fromtimestamp(at, UTC)
        found = tuple(measure(INVESTMENT, self._portfolio, moment)) if self._has_cards else ()
        found += tuple(measure(INDICATORS, self._indicators, moment))
        yield HistoryPoint(at, self._zone, found, DAILY_SECONDS)
        yield self._targets.point(at, moment, (self._portfolio, self._indicators))
