"""The gathering: when books count as filling, when they are read anew, and steady forecasts."""

import threading
from datetime import timedelta

from contract.errors import StackError
from kpis.forecast.basis import Basis
from kpis.plan.progress import Outlook
from tests.unit.kpis.builders import BOOK, at
from tests.unit.reports.port_of_years import days
from tests.unit.web.known_site import NO_WORKER, NOON, FakeBooks, books, later
from web.figures.site_gatherer import SiteGatherer
from web.figures.steady_forecasts import SteadyForecasts

BASIS = Basis(first=at("2024-01-01 00:00").date(), days=(1.0,) * 800, stop=NOON.date(), done=9.0)


def test_books_are_filling_while_days_before_yesterday_come_in() -> None:
    half_year = FakeBooks(BOOK, *days("2026-01-01", "2026-05-12"), news=40)
    gatherer = SiteGatherer(NO_WORKER, BOOK, half_year, lambda: NOON)

    filling = gatherer.gathered(None)
    half_year.news = 0
    still = gatherer.gathered(None)

    assert (filling.is_filling, filling.booked_to) == (True, "2026-05-12")
    assert not still.is_filling


def test_late_reports_into_current_books_are_no_filling() -> None:
    current = FakeBooks(BOOK, *books(), news=40)

    assert not SiteGatherer(NO_WORKER, BOOK, current, lambda: NOON).gathered(None).is_filling


def test_the_topics_are_read_from_their_beginning_once_a_day() -> None:
    clock, current = [NOON], FakeBooks(BOOK, *books())
    gatherer = SiteGatherer(NO_WORKER, BOOK, current, lambda: clock[0])

    for hours in (0, 1, 2, 13):
        clock[0] = NOON + timedelta(hours=hours)
        gatherer.gathered(None)

    assert current.closed == 2  # at first, and after midnight


OUTLOOK = Outlook(9.0)


class Model:
    """A model that waits to be let go, and counts what it was asked."""

    def __init__(self, fails: bool = False) -> None:
        self.asked: list[list[Basis]] = []
        self.fails = fails
        self.done = threading.Event()

    def __call__(self, bases: list[Basis]) -> list[Outlook | None]:
        self.asked.append(bases)
        assert self.done.wait(20)
        if self.fails:
            raise StackError("no model")
        return [OUTLOOK] * len(bases)


def settle(forecasts: SteadyForecasts) -> None:
    if forecasts.making is not None:
        forecasts.making.join(20)


def test_nobody_waits_for_a_forecast() -> None:
    model = Model()
    forecasts = SteadyForecasts(model, 15, lambda: NOON)

    assert forecasts([BASIS]) == [None]
    assert forecasts.is_pending

    model.done.set()
    settle(forecasts)
    assert forecasts([BASIS]) == [OUTLOOK]
    assert not forecasts.is_pending


def test_nearly_the_same_books_keep_their_forecast_for_some_minutes() -> None:
    clock, model = [NOON], Model()
    model.done.set()
    forecasts = SteadyForecasts(model, 15, lambda: clock[0])
    forecasts([BASIS])
    settle(forecasts)

    corrected = Basis(BASIS.first, (*BASIS.days[:-1], 2.0), BASIS.stop, 10.0)
    clock[0] = later(14 * 60)
    assert forecasts([corrected]) == [OUTLOOK]
    assert len(model.asked) == 1

    clock[0] = later(15 * 60)
    assert forecasts([corrected]) == [OUTLOOK]
    settle(forecasts)
    assert model.asked == [[BASIS], [corrected]]


def test_another_day_has_its_forecast_at_once() -> None:
    model = Model()
    model.done.set()
    forecasts = SteadyForecasts(model, 15, lambda: NOON)
    forecasts([BASIS])
    settle(forecasts)

    longer = Basis(BASIS.first, (*BASIS.days, 1.0), BASIS.stop, 10.0)

    assert forecasts([longer]) == [None]
    settle(forecasts)
    assert model.asked == [[BASIS], [longer]]


def test_a_model_that_fails_leaves_the_run_rate_until_the_next_time() -> None:
    model = Model(fails=True)
    model.done.set()
    forecasts = SteadyForecasts(model, 15, lambda: NOON)
    forecasts([BASIS])
    settle(forecasts)

    assert forecasts([BASIS]) == [None]
    assert not forecasts.is_pending
    assert len(model.asked) == 1


def test_zero_minutes_turn_forecasts_off() -> None:
    model = Model()

    assert SteadyForecasts(model, 0, lambda: NOON)([BASIS]) == [None]
    assert model.asked == []
