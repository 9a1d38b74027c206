"""Published figures of a zone: the newest period of each, and how many periods there are."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from contract.book import Book
from contract.snapshots import IndicatorValue
from kpis.calendar import period_end
from kpis.kpi import Family, Kpi, Labels, Unit, View


class IndicatorBook:
    """The newest snapshot of each period of each indicator of one zone.

    Order and repetition of what is posted change nothing.
    """

    def __init__(self, book: Book, zone: str) -> None:
        self.zone = zone
        self.tz: ZoneInfo = book.tz
        self._periods: dict[tuple[str, str], dict[str, IndicatorValue]] = {}

    def post(self, reported: IndicatorValue) -> bool:
        """Take a snapshot; False if it changes nothing."""
        periods = self._periods.setdefault((reported.indicator, reported.scope), {})
        held = periods.get(reported.period)
        if held is not None and held.offset >= reported.offset:
            return False
        periods[reported.period] = reported
        return True

    def newest(self) -> Iterator[tuple[Labels, IndicatorValue, int]]:
        """Per indicator and scope: label values, the last period, and the number of periods.

        The last is the one that ends last; of two that end together the longer
        one stands (`2019` before `2019-Q4`).
        """
        for (indicator, scope), periods in self._periods.items():
            last = max(
                periods.values(),
                key=lambda one: (period_end(one.period, self.tz), -len(one.period)),
            )
            yield (indicator, scope, last.unit), last, len(periods)


def value(book: IndicatorBook, at: datetime) -> dict[Labels, float]:
    """The newest published figure, by indicator and scope, in the unit that its label names.

    Newest is the period that ends last; a later version of a period replaces the earlier one.
    """
    return {labels: float(last.value) for labels, last, _ in book.newest()}


def ended(book: IndicatorBook, at: datetime) -> dict[Labels, float]:
    """When the period of the newest published figure is over.

    The first instant after it in the port's zone, in Unix seconds: for 2019, the start of 2020.
    """
    return {labels: period_end(last.period, book.tz) for labels, last, _ in book.newest()}


def periods(book: IndicatorBook, at: datetime) -> dict[Labels, float]:
    """Periods for which a figure has been published."""
    return {labels: float(count) for labels, _, count in book.newest()}


def _whole(book: IndicatorBook, at: datetime) -> Iterator[tuple[Labels, IndicatorBook]]:
    yield (book.zone,), book


_OF = ("indicator", "scope", "unit")

INDICATORS = Family(
    "indicator",
    level="zone",
    by=("zone",),
    parts=_whole,
    source="IndicatorReported",
    kpis=(
        Kpi("value", value, Unit.LABELLED, View.TABLE, by=_OF),
        Kpi("period_end", ended, Unit.TIMESTAMP, View.TABLE, by=_OF),
        Kpi("periods", periods, Unit.COUNT, View.TABLE, by=_OF),
    ),
)
