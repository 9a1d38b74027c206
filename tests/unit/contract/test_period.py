from datetime import date

import pytest

from contract.period import days_of_period


@pytest.mark.parametrize(
    ("period", "first", "end"),
    [
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-H1", "2026-01-01", "2026-07-01"),
        ("2026-H2", "2026-07-01", "2027-01-01"),
        ("2026-Q1", "2026-01-01", "2026-04-01"),
        ("2026-Q4", "2026-10-01", "2027-01-01"),
        ("2026-02", "2026-02-01", "2026-03-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2024/2026", "2024-01-01", "2027-01-01"),
        ("2024-07/2027-06", "2024-07-01", "2027-07-01"),
        ("2025-H2/2026-Q1", "2025-07-01", "2026-04-01"),
    ],
)
def test_a_period_is_days(period: str, first: str, end: str) -> None:
    assert days_of_period(period) == (date.fromisoformat(first), date.fromisoformat(end))


@pytest.mark.parametrize("period", ["2026/2024", "2026-Q3/2026-H1", "2026-H2/2026"])
def test_a_range_must_end_after_it_begins(period: str) -> None:
    with pytest.raises(ValueError, match="expected a range that ends after it begins"):
        days_of_period(period)
