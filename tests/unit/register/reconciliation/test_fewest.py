"""The fewest records that sum to a difference."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.reconciliation.fewest import fewest


@pytest.mark.parametrize(
    ("records", "total", "expected"),
    [
        ({}, 0, {}),
        ({100: 3, -100: 3}, 0, {}),
        # two of 2.00 instead of 2.25, 1.00 and what is left of it
        ({225: 1, 200: 2, 100: 1, -100: 1, -225: 1}, 400, {200: 2}),
        ({-200: 5, 100: 4}, -600, {-200: 3}),
        # none above 0 sums to 0.75: 1.00 is taken, and 0.25 given back
        ({100: 1, -25: 1}, 75, {100: 1, -25: 1}),
        ({100: 1_000_000}, 70_000_000, {100: 700_000}),  # too large to try all
    ],
)
def test_examples(records: dict[int, int], total: int, expected: dict[int, int]) -> None:
    assert fewest(records, total) == expected


@given(st.lists(st.sampled_from((100, 200, 225, 50)), min_size=1, max_size=7), st.data())
def test_no_choice_of_one_sign_is_smaller(amounts: list[int], data: st.DataObject) -> None:
    total = sum(data.draw(st.lists(st.sampled_from(amounts), unique=True)))
    records = {amount: amounts.count(amount) for amount in amounts}
    records[-1] = 1
    found = fewest(records, total)
    assert sum(amount * count for amount, count in found.items()) == total
    sizes = (
        size
        for size in range(len(amounts) + 1)
        if any(sum(some) == total for some in combinations(amounts, size))
    )
    assert sum(found.values()) == next(sizes)
