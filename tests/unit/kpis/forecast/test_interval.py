"""How far the forecast's band reaches; expected values are worked by hand."""

import numpy as np
import pytest

from kpis.forecast.interval import LEVELS, error_of_sum, surprise

pytestmark = pytest.mark.statsmodels


def test_a_surprise_is_a_share_of_the_level_at_its_time() -> None:
    # alpha 0.5: from 1.0 the month of 1.2 is off by 0.2 of 1.0, and the level goes to 1.1; the
    # month of 0.88 is off by -0.22 of 1.1, which is -0.2, and the level goes to 0.99
    share, level = surprise(np.array([1.0, 1.2, 0.88]), 0.5, spent=1.0)

    # the squares 0.04 + 0.04 over 3 - 1 - 1 degrees of freedom
    assert share == pytest.approx(0.08**0.5)
    assert level == pytest.approx(0.99)


def test_a_port_that_grew_fourfold_errs_by_four_times_as_much() -> None:
    # alpha 1: the level is the last month; each month is a tenth above or below it
    small = np.array([1.0, 1.1, 0.99, 1.089])

    share, level = surprise(small, 1.0, spent=0.0)
    same, fourfold = surprise(4 * small, 1.0, spent=0.0)

    assert share == same == pytest.approx(0.1)
    assert fourfold == pytest.approx(4 * level) == pytest.approx(4.356)


def test_a_pause_leaves_half_the_mean_as_the_measure() -> None:
    # alpha 1: from a level of 0 the month of 0.4 is off by 0.4 of half the mean, which is 0.8; the
    # 0.5 before it is wholly missed: -0.5 of 0.5
    share, level = surprise(np.array([0.5, 0.0, 0.4]), 1.0, spent=0.0)

    assert share == pytest.approx(((1.0 + 0.64) / 2) ** 0.5)
    assert level == 0.5


def test_a_surprise_stays_in_part() -> None:
    # alpha 0.5, two whole months: the first's surprise counts 1 + 0.5, the second's 1; one month
    # with no days left counts by what it leaves in the next
    assert error_of_sum(np.array([1.0, 1.0]), 0.5) == pytest.approx((2.25 + 1.0) ** 0.5)
    assert error_of_sum(np.array([0.0, 1.0]), 0.5) == pytest.approx((0.25 + 1.0) ** 0.5)


def test_errors_are_independent_where_nothing_stays_and_add_up_where_all_does() -> None:
    weights = np.array([3.0, 4.0])

    assert error_of_sum(weights, 0.0) == pytest.approx(5.0)  # 9 + 16 = 25
    assert error_of_sum(weights, 1.0) == pytest.approx(65**0.5)  # (3 + 4)² + 4²


def test_the_levels_are_quantiles_of_student_s_t_with_nine_degrees_of_freedom() -> None:
    # as any table of the t distribution has them: 1.383 leaves 10 % above it, 2.262 leaves 2.5 %
    assert LEVELS == (("0.80", 1.383), ("0.95", 2.262))
