"""Published figures of a zone: the newest period of each indicator, and its revisions."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from contract.book import Book
from contract.snapshots import IndicatorValue, keep_newest
from kpis.model.calendar import period_end
from kpis.model.kpi import Family, Kpi, Labels, Unit, View


class IndicatorBook:
    """The newest snapshot of each period of each indicator of one zone.

    The order and repetition of snapshots have no effect.
    """

    def __init__(self, book: Book, zone: str) -> None:
        self.zone = zone
        self.tz: ZoneInfo = book.tz
        self._periods: dict[tuple[str, str], dict[str, IndicatorValue]] = {}

    def post(self, reported: IndicatorValue) -> bool:
        """Post a snapshot; return False if it changes nothing."""
        periods = self._periods.setdefault((reported.indicator, reported.scope), {})
        return keep_newest(periods, reported.period, reported)

    def figures(self, indicator: str, scope: str, unit: str = "") -> list[IndicatorValue]:
        """Return the figures of an indicator and scope, in the order of their periods' ends."""
        periods = self._periods.get((indicator, scope), {}).values()
        return sorted((one for one in periods if unit in ("", one.unit)), key=self._order)

    def newest(self) -> Iterator[tuple[Labels, IndicatorValue, int]]:
        """Return, for each indicator and scope, label values, newest figure and number of periods.

        The newest figure is the one whose period ends last; of two that end together it is that of
        the longer period (`2019` before `2019-Q4`).
        """
        for (indicator, scope), periods in self._periods.items():
            last = max(periods.values(), key=self._order)
            yield (indicator, scope, last.unit), last, len(periods)

    def ends(self) -> Iterator[float]:
        """Return when each period with a figure ends, in Unix seconds."""
        for periods in self._periods.values():
            yield from (period_end(period, self.tz) for period in periods)

    def revised(self) -> Iterator[tuple[Labels, IndicatorValue, Decimal, datetime]]:
        """Return the last revision of each indicator: labels, figure, old value and time."""
        for (indicator, scope), periods in self._periods.items():
            revisions = [
                (one.revised, one.period, one.before, one)
                for one in periods.values()
                if one.revised is not None and one.before is not None
            ]
            if revisions:
                at, period, before, one = max(revisions, key=lambda found: found[:2])
                yield (indicator, scope, one.unit, period), one, before, at

    def _order(self, one: IndicatorValue) -> tuple[float, int]:
        return period_end(one.period, self.tz), -len(one.period)


def value(book: IndicatorBook, at: datetime) -> dict[Labels, float]:
    """The newest published figure, by indicator and scope, in the unit that its label names.

    It is that of the period that ends last; a later version of a period replaces the earlier one.
    """
    return {labels: float(last.value) for labels, last, _ in book.newest()}


def ended(book: IndicatorBook, at: datetime) -> dict[Labels, float]:
    """When the period of the newest published figure ends.

    The first instant after it in the port's zone, in Unix seconds: for 2019, the start of 2020.
    """
    return {labels: period_end(last.period, book.tz) for labels, last, _ in book.newest()}


def periods(book: IndicatorBook, at: datetime) -> dict[Labels, float]:
    """Periods for which a figure has been published."""
    return {labels: float(count) for labels, _, count in book.newest()}


def value_before(book: IndicatorBook, at: datetime) -> dict[Labels, float]:
    """A figure before its last revision, by indicator, scope and revised period.

    Only the period that was revised last is shown; absent for an indicator without a revision.
    """
    return {labels: float(before) for labels, _, before, _ in book.revised()}


def value_after(book: IndicatorBook, at: datetime) -> dict[Labels, float]:
    """A figure after its last revision, by indicator, scope and revised period."""
    return {labels: float(one.value) for labels, one, _, _ in book.revised()}


def revised(book: IndicatorBook, at: datetime) -> dict[Labels, float]:
    """When a figure was last revised, by indicator, scope and revised period.

    The recordedtime of the newest version, in Unix seconds.
    """
    return {labels: when.timestamp() for labels, _, _, when in book.revised()}


def _whole(book: IndicatorBook, at: datetime) -> Iterator[tuple[Labels, IndicatorBook]]:
    yield (book.zone,), book


_OF = ("indicator", "scope", "unit")
_REVISED = (*_OF, "period")

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
        Kpi("value_before", value_before, Unit.LABELLED, View.TABLE, by=_REVISED),
        Kpi("value_after", value_after, Unit.LABELLED, View.TABLE, by=_REVISED),
        Kpi("revised", revised, Unit.TIMESTAMP, View.TABLE, by=_REVISED),
    ),
)
