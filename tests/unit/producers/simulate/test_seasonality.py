import tomllib
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from producers.simulate.seasonality import GATE_HOURS, QUAY_HOURS, expected_teu, festival, moments

ROOT = Path(__file__).parents[4]


def _between(first: date, last: date) -> float:
    return sum(expected_teu(first + timedelta(n)) for n in range((last - first).days + 1))


def _year(year: int) -> float:
    return _between(date(year, 1, 1), date(year, 12, 31))


def test_the_year_is_the_size_of_the_port() -> None:
    # the task: 1.10 to 1.16 million TEU a year
    for year in (2018, 2023, 2024, 2026, 2040):
        assert 1_100_000 <= _year(year) <= 1_160_000


def test_november_finds_the_port_a_little_behind_its_plan() -> None:
    plan = tomllib.loads((ROOT / "targets.toml").read_text(encoding="utf-8"))["target"][0]

    # planned until 24 November: ten months and 24 of November's 30 days, of 1.1 million
    planned = plan["value"] * (sum(plan["monthly"][:10]) + plan["monthly"][10] * 24 / 30)
    assert 0.97 < _between(date(2026, 1, 1), date(2026, 11, 24)) / planned < 1.0


def test_the_published_years_have_their_volume_and_quarter() -> None:
    # DOMAIN.md 1: 1,135,800 in 2019; 1,405,700 in 2020, of which 20.4 % in the first quarter
    assert _year(2019) == pytest.approx(1_135_800)
    assert _year(2020) == pytest.approx(1_405_700)
    first = _between(date(2020, 1, 1), date(2020, 3, 31))
    assert first == pytest.approx(0.204 * 1_405_700)


def test_spring_festival_is_quiet_and_moves_with_the_moon() -> None:
    assert festival(date(2026, 2, 17)) == festival(date(2025, 1, 29)) == 0.45
    assert festival(date(2026, 1, 29)) == 1.06  # 19 days before it
    assert festival(date(2026, 3, 5)) == 1.0  # 16 days after it
    assert festival(date(2040, 2, 12)) == 1.0  # beyond the table: no dip, no error
    # both days are Tuesdays of the same two months: only the festival differs
    assert expected_teu(date(2026, 2, 17)) / expected_teu(date(2026, 1, 6)) == pytest.approx(0.45)


def test_moments_keep_to_the_hours_rhythm() -> None:
    random = np.random.Generator(np.random.PCG64(1))

    quay = moments(random, 50_000, QUAY_HOURS, 86_400)
    gate = moments(random, 50_000, GATE_HOURS, 86_400)

    def share_of_night(drawn: np.typing.NDArray[np.float64]) -> float:
        return float((drawn < 5 * 3600).mean())

    assert len(QUAY_HOURS) == len(GATE_HOURS) == 24
    # hours 0 to 4: 5 × 0.8 of 24.4 over the quay, 5 × 0.2 of 26.0 at the gate, summed by hand
    assert share_of_night(quay) == pytest.approx(4 / 24.4, abs=0.005)
    assert share_of_night(gate) == pytest.approx(1 / 26.0, abs=0.005)
    assert 0 <= quay[0] <= quay[-1] < 86_400
