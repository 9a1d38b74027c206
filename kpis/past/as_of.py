"""The newest event time of books: how far the past that they hold has come."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime

from kpis.model.calendar import day_start
from kpis.port.books import PortBooks
from kpis.target.target_progress import Measured
from kpis.zone.indicators import IndicatorBook
from kpis.zone.portfolio import Portfolio


def newest(books: Collection[Measured]) -> datetime | None:
    """Return when the newest quay move happened.

    Without moves it is the day of the newest step of a project, without projects the end of the
    newest period of a published figure.  None if the books hold none of these.
    """
    moves = (one.newest for one in books if isinstance(one, PortBooks))
    steps = (_newest_step(one) for one in books if isinstance(one, Portfolio))
    figures = (_newest_period(one) for one in books if isinstance(one, IndicatorBook))
    return _last(moves) or _last(steps) or _last(figures)


def _last(found: Iterable[datetime | None]) -> datetime | None:
    return max((at for at in found if at is not None), default=None)


def _newest_step(zone: Portfolio) -> datetime | None:
    days: list[date | None] = []
    for card in zone.cards:
        days.append(card.signed)
        days += [step.on for step in card.stages]
        days += [milestone.met for milestone in card.milestones]
    last = max((on for on in days if on is not None), default=None)
    return None if last is None else datetime.fromtimestamp(day_start(last, zone.tz), UTC)


def _newest_period(book: IndicatorBook) -> datetime | None:
    last = max(book.ends(), default=None)
    return None if last is None else datetime.fromtimestamp(last, UTC)
