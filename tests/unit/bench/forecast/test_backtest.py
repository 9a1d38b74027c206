"""These tests check the forecast against known years; `make backtest` makes the whole table."""

import re
from datetime import date
from pathlib import Path

import pytest

from bench.forecast.backtest import OURS, BackTest, Score, broken, score, together
from bench.forecast.real_ports import HOUSTON, NEW_YORK, SINGAPORE, PublishedSeries
from bench.forecast.synthetic_ports import synthetic

pytestmark = pytest.mark.statsmodels

ROOT = Path(__file__).parents[4]
FIXTURES = ROOT / "tests/fixtures"


@pytest.fixture(scope="module")
def singapore() -> Score:
    return score(SINGAPORE.ports(FIXTURES))


def test_the_forecast_of_singapore_meets_its_bounds(singapore: Score) -> None:
    # DOMAIN: at most 1.8 % overall; never worse than the straight line from April on
    assert singapore.overall(OURS) <= 1.8
    ours, line = singapore.by_month(OURS)[3:], singapore.by_month("straight line")[3:]
    assert all(mine <= other for mine, other in zip(ours, line, strict=True))


def test_the_simple_methods_have_the_errors_of_an_earlier_trial(singapore: Score) -> None:
    # the figures of the trial: last three months 1.97, year on year 2.52, straight line 2.64
    found = {name: round(singapore.overall(name), 2) for name in singapore.errors if name != OURS}

    assert found == {"last three months": 1.97, "year on year": 2.52, "straight line": 2.64}


def test_both_bands_hold_as_often_as_their_level_states() -> None:
    real = score(HOUSTON.ports(FIXTURES), methods={}, months=(3, 6, 9))
    made = score([synthetic(seed) for seed in range(24)], methods={}, months=(3, 6, 9))

    both = together([real, made])
    assert len(both.held["0.80"]) == 3 * (22 + 24)
    assert 0.76 <= both.share_held("0.80") <= 0.86
    assert 0.92 <= both.share_held("0.95") <= 0.98


def test_a_month_of_a_series_is_spread_evenly_over_its_days(tmp_path: Path) -> None:
    (tmp_path / "months.csv").write_text(
        "month,container_throughput\n2022-12,3.1\n2023-12,310\n2024-01,62\n2024-02,29\n",
        encoding="utf-8",
    )
    series = PublishedSeries("Here", "months.csv", (2024,))

    (port,) = series.ports(tmp_path, years_before=1)

    # 310 / 31 a day in December, 62 / 31 in January, 29 / 29 in the February of a leap year
    assert (series.title, port.name, port.first) == (
        "Here 2024–2024",
        "Here 2024",
        date(2023, 1, 1),
    )
    assert port.daily.tolist() == [10.0] * 31 + [2.0] * 31 + [1.0] * 29


def test_the_real_series_have_the_years_before_each_and_no_gap() -> None:
    for series, first in ((SINGAPORE, 2015), (HOUSTON, 2001), (NEW_YORK, 2021)):
        for port in series.ports(FIXTURES):
            whole = (date(port.year + 1, 1, 1) - date(first, 1, 1)).days
            assert (port.first, len(port.daily)) == (date(first, 1, 1), whole)
    # with two years before it, 2003 has all months of the file, and 2024's history begins in 2022
    few = HOUSTON.ports(FIXTURES, years_before=2)
    assert [few[0].first, few[-1].first] == [date(2001, 1, 1), date(2022, 1, 1)]
    assert few[-1].total == HOUSTON.ports(FIXTURES)[-1].total


def test_joined_scores_have_the_years_of_both() -> None:
    one = Score({OURS: ((1.0, 2.0),), "other": ((0.0, 0.0),)}, {"0.80": (True, False)})
    two = Score({OURS: ((3.0, 6.0), (5.0, 1.0))}, {"0.80": (True, True, True, False)})

    both = together([one, two])

    # (1 + 3 + 5) / 3 and (2 + 6 + 1) / 3; 18 over six cases; four of six held
    assert (both.years, both.by_month(OURS), both.overall(OURS)) == (3, (3.0, 3.0), 3.0)
    assert both.share_held("0.80") == pytest.approx(4 / 6)
    assert list(both.errors) == [OURS]


def case(ours: float, line: float, held: int, years: int = 10) -> Score:
    """Return `years` years with equal errors in all months, and bands that hold `held` of 100."""
    cases = (True,) * held + (False,) * (100 - held)
    return Score(
        errors={OURS: ((ours,) * 11,) * years, "straight line": ((line,) * 11,) * years},
        held={"0.80": cases, "0.95": cases},
    )


def test_each_broken_bound_is_reported() -> None:
    good = case(1.0, 1.1, 80)
    wide = BackTest(
        singapore=case(2.0, 1.9, 80),
        real={"few": case(2.0, 1.9, 99, years=9), "many": case(1.0, 1.9, 70)},
        short={"short": good},
        synthetic={"made": case(1.2, 1.1, 93)},
        zones={"zone": case(9.0, 1.0, 80)},
    )

    # all real: (9 × 2.0 + 10 × 1.0) / 19 = 1.47 is better than 1.9; 169 of 200 cases are 84.5 %;
    # "few" has too few years to be judged; 80 % and 70 % are too few for the 95 % band
    assert broken(wide) == [
        "Singapore: the mean error is 2.00 %, expected <= 1.8 %",
        "made: the mean error is 1.20 %, but a simple method has 1.10 %",
        "Singapore: the forecast is worse than the straight line in 8 of 8 months",
        "made: the forecast is worse than the straight line in 8 of 8 months",
        "all real ports: the 0.95 band held 84.5% of the cases, expected 92% to 98%",
        "many: the 0.80 band held 70.0% of the cases, expected 76% to 86%",
        "many: the 0.95 band held 70.0% of the cases, expected 92% to 98%",
        "short: the 0.95 band held 80.0% of the cases, expected 92% to 98%",
        "made: the 0.80 band held 93.0% of the cases, expected 76% to 86%",
        "zone: the 0.95 band held 80.0% of the cases, expected 92% to 98%",
    ]


def test_a_synthetic_port_is_the_same_for_the_same_seed() -> None:
    one, again, other = synthetic(1), synthetic(1), synthetic(2)

    assert (one.daily == again.daily).all()
    assert one.total == again.total != other.total
    assert (one.daily > 0).all()


def test_the_page_has_the_tables_that_its_text_mentions() -> None:
    page = (ROOT / "docs/forecast.md").read_text(encoding="utf-8")

    ours = [float(mean) for mean in re.findall(rf"\*\*{re.escape(OURS)}\*\* \| ([\d.]+)", page)]
    held = re.findall(r"^\| ([^|]+) \| \d+ \| \d+ \| ([\d.]+)% \| ([\d.]+)% \|$", page, re.M)
    assert len(ours) == len(held) == 8
    shares = {title: (float(least), float(most)) for title, least, most in held}
    for title in (HOUSTON.title, "All years of real ports"):
        assert 76 <= shares[title][0] <= 86
        assert 92 <= shares[title][1] <= 98
