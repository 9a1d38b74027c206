"""The forecast on series whose answer is known by hand, and what holds for any."""

from datetime import date
from itertools import chain, repeat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpis.forecast.basis import Basis
from kpis.forecast.theta import outlook, seasons
from kpis.model.calendar import days_of
from kpis.plan.progress import Outlook

pytestmark = pytest.mark.statsmodels

STOP = date(2024, 1, 1)


def by_month(*years: tuple[float, ...]) -> tuple[float, ...]:
    """Days with the rate of their month; the years begin with 2021, none of which is leap."""
    rates = chain.from_iterable(years)
    lengths = chain.from_iterable(repeat(days_of(2021)))
    return tuple(chain.from_iterable(repeat(*pair) for pair in zip(rates, lengths)))  # noqa: B905  # lengths have no end


def edges(found: Outlook) -> dict[tuple[str, str], float]:
    return {(level, bound): value for level, bound, value in found.bounds}


def made(basis: Basis) -> Outlook:
    found = outlook(basis)
    assert found
    return found


def test_a_constant_rate_goes_on_and_leaves_no_doubt() -> None:
    # 181 days to the end of June at 100 a day, and 184 to come
    found = made(Basis(date(2021, 1, 1), (100.0,) * (730 + 181), STOP, 18_100.0))

    assert found.value == pytest.approx(36_500)
    assert list(edges(found).values()) == pytest.approx([36_500] * 4)


def test_of_the_day_under_way_the_rest_is_to_come() -> None:
    # half of 1 July is over and brought 80: 18,180 so far, 183.5 days at 100 to come
    found = made(Basis(date(2021, 1, 1), (100.0,) * (730 + 181), STOP, 18_180.0, passed=0.5))

    assert found.value == pytest.approx(18_180 + 18_350)


def test_a_third_year_like_two_others_is_forecast_exactly() -> None:
    year = (100.0,) * 7 + (200.0,) + (100.0,) * 4
    days = by_month(year, year, year[:6])

    found = made(Basis(date(2021, 1, 1), days, STOP, 18_100.0))

    # 365 days at 100, and 100 more on each of August's 31
    assert found.value == pytest.approx(36_500 + 3_100)
    assert edges(found)["0.95", "upper"] == pytest.approx(39_600)


def test_after_january_alone_february_is_expected_at_the_rate_of_both() -> None:
    year = (120.0, 90.0, *(100.0,) * 10)
    days = by_month(year, year, year[:1])

    found = made(Basis(date(2021, 1, 1), days, STOP, 3_720.0))

    # (31 × 120 + 28 × 90) / 59 = 105.763 a day in February, 100 on the 306 days after it
    assert found.value == pytest.approx(3_720 + 28 * 6_240 / 59 + 30_600)


def test_a_season_that_chance_explains_is_not_believed() -> None:
    import numpy as np

    one, other = (1.1, 0.9) * 6, (0.9, 1.1) * 6  # what was high one year was low the next

    factors, weight = seasons(np.array([*one, *other]))

    assert weight == 0.0
    assert list(factors) == [1.0] * 12


def test_two_years_are_asked_for() -> None:
    assert outlook(Basis(date(2021, 1, 2), (100.0,) * 729, STOP, 0.0)) is None
    assert outlook(Basis(date(2021, 1, 1), (100.0,) * 730, STOP, 0.0)) is not None


@settings(max_examples=12)
@given(
    rates=st.lists(st.floats(20, 200), min_size=24, max_size=40),
    factor=st.floats(0.01, 1000),
    done=st.floats(0, 50_000),
)
def test_bands_are_nested_and_follow_the_unit_and_never_fall_below_what_there_is(
    rates: list[float], factor: float, done: float
) -> None:
    days = by_month(tuple(rates))
    stop = date(2025, 1, 1)

    found = made(Basis(date(2021, 1, 1), days, stop, done))
    scaled = made(
        Basis(date(2021, 1, 1), tuple(factor * rate for rate in days), stop, factor * done)
    )

    edge = edges(found)
    assert done <= edge["0.95", "lower"] <= edge["0.80", "lower"] <= found.value
    assert found.value <= edge["0.80", "upper"] <= edge["0.95", "upper"]
    assert scaled.value == pytest.approx(factor * found.value, rel=1e-6)
    assert edges(scaled) == pytest.approx({key: factor * to for key, to in edge.items()}, rel=1e-4)
