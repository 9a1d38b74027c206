"""The forecast holds what it must against known years; the whole table is `make backtest`."""

import re
from pathlib import Path

import pytest

from bench.forecast.backtest import OURS, Score, broken, sample, score
from bench.forecast.synthetic_ports import synthetic

pytestmark = pytest.mark.statsmodels

ROOT = Path(__file__).parents[4]
SAMPLE = ROOT / "tests/fixtures/singapore-monthly-thousand-teu.csv"


@pytest.fixture(scope="module")
def real() -> Score:
    return score(sample(SAMPLE, (2017, 2018, 2019)))


def test_the_sample_is_forecast_within_what_is_asked(real: Score) -> None:
    # DOMAIN: at most 1.8 % overall; never worse than the straight line from April on
    assert real.overall(OURS) <= 1.8
    ours, line = real.errors[OURS][3:], real.errors["straight line"][3:]
    assert all(mine <= other for mine, other in zip(ours, line, strict=True))


def test_the_naive_methods_err_as_a_trial_found(real: Score) -> None:
    # the trial's figures: last three months 1.97, year on year 2.52, straight line 2.64
    found = {name: round(real.overall(name), 2) for name in real.errors if name != OURS}

    assert found == {"last three months": 1.97, "year on year": 2.52, "straight line": 2.64}


def test_the_band_holds_neither_too_seldom_nor_always(real: Score) -> None:
    made = score([synthetic(seed) for seed in range(16)], methods={}, months=(2, 6, 10))

    held = real.held["0.80"] + made.held["0.80"]
    assert len(held) == 3 * 11 + 16 * 3
    assert 0.7 <= sum(held) / len(held) <= 0.9


def test_a_forecast_that_does_not_hold_is_told() -> None:
    bad = Score(
        errors={OURS: (2.0,) * 11, "straight line": (1.9,) * 11},
        held={"0.80": (True,) * 6 + (False,) * 4},
    )

    assert [said[:20] for said in broken(bad, ())] == [
        "the sample's mean er",
        "worse than the strai",
        "the 80 % band held 6",
    ]


def test_a_synthetic_port_is_the_same_for_the_same_seed() -> None:
    one, again, other = synthetic(1), synthetic(1), synthetic(2)

    assert (one.teu == again.teu).all()
    assert one.truth == again.truth != other.truth
    assert (one.teu > 0).all()


def test_the_page_has_the_tables_that_are_spoken_of() -> None:
    page = (ROOT / "docs/forecast.md").read_text(encoding="utf-8")

    ours = [float(mean) for mean in re.findall(rf"\*\*{re.escape(OURS)}\*\* \| ([\d.]+)", page)]
    held = re.search(r"\| all \| \d+ \| ([\d.]+)% \|", page)
    assert len(ours) == 4
    assert ours[0] <= 1.8
    assert held
    assert 70 <= float(held[1]) <= 90
