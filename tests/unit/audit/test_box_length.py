"""The audit's own reading of sizes, held against the contract's, which is written otherwise."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from audit.box_length import box_length
from contract.container_size import FEET, ISO_GROUPS, MARKS, TYPES, length_code

FRAGMENTS = (
    *("22", "45", "L5", "4E", "G1", "T6", "43", "10", "0", "9", "X", " ", "-", "/", "HC", "HQ"),
    *FEET,
    *MARKS,
    *TYPES,
    *ISO_GROUPS,
)


@pytest.mark.parametrize(
    ("size", "length"),
    [
        *(("22G1", "2"), ("45G1", "4"), ("L5G1", "L"), ("4310", "4"), ("45HC", "L"), ("L", "L")),
        *(
            ("40高柜", "4"),
            ("N/A", None),
            ("NULL", None),
            ("LCL", None),
            ("45", None),
            (None, None),
        ),
    ],
)
def test_a_size_has_the_length_that_the_standard_or_the_trade_gives_it(
    size: str | None, length: str | None
) -> None:
    assert box_length(size) == length


@settings(max_examples=500)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=5).map("".join) | st.text(max_size=6))
@example("HC 45' GP")
@example("45\u00a0HC")
def test_audit_and_contract_agree_on_every_text(size: str) -> None:
    assert box_length(size) == length_code(size)
