"""Which texts are a size, and how long it is; lengths by hand from ISO 6346 and the trade.

Lengths are the first characters of ISO 6346: 2 is 20 ft, 4 is 40 ft, L is 45 ft, P is 53 ft.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.container import teu_hundredths
from contract.container_size import FEET, ISO_GROUPS, MARKS, TYPES, length_code


@pytest.mark.parametrize(
    ("size", "length"),
    [
        ("22G1", "2"),
        ("22g1", "2"),
        ("22 G1", "2"),
        ("22K1", "2"),  # a tank by the edition of 2022
        ("42TN", "4"),  # a group of types
        ("45G1", "4"),  # 40 ft, 9 ft 6 in high
        ("45GP", "4"),
        ("4EG1", "4"),  # wider than 2,438 mm
        ("L5RT", "L"),
        ("2210", "2"),  # the digits in use until 1995
        ("4310", "4"),
    ],
)
def test_a_code_of_the_standard_is_a_size(size: str, length: str) -> None:
    assert length_code(size) == length


@pytest.mark.parametrize(
    ("size", "length"),
    [
        *(("20GP", "2"), ("20'", "2"), ("20尺", "2"), ("20呎", "2"), ("DC20", "2"), ("22RF", "2")),
        *(("40HC", "4"), ("40'HQ", "4"), ("40 RF", "4"), ("40高柜", "4"), ("40英尺高柜", "4")),
        *(("DRY 40", "4"), ("HC40", "4"), ("40RF HC", "4"), ("40ft. High Cube", "4"), ("40", "4")),
        *(("45HC", "L"), ("45'HC", "L"), ("45 HQ", "L"), ("45FT HC", "L"), ("45尺", "L")),
        *(("HC45", "L"), ("45高柜", "L"), ("45'GP", "L"), ("45′", "L"), ("45PW", "L")),
        *(("48HC", "M"), ("48'", "M"), ("53", "P")),
        ("L", "L"),  # 45 ft in the topics of before
    ],
)
def test_a_spelling_of_the_trade_is_a_size(size: str, length: str) -> None:
    assert length_code(size) == length


@pytest.mark.parametrize(
    "size",
    [
        *("N/A", "NULL", "None", "NIL", "-", "", "0000", "FLAT", "GENERAL", "LCL", "FCL", "EMPTY"),
        *("DRY", "HC", "HIGH", "BULK", "MAFI", "X5G1", "Z5G1"),
        *("22G", "22GPX", "22X1", "2H", "40HCX", "1X40HC", "2*20GP", "20/40", "20-40", "20 40"),
        *("9510", "5310", "60GP", "40.0", "22G¹", "２２G1", "4٠", "40" + "-" * 30 + "HC"),
        *("45", "48", "45RF", "45DV", "GP45"),  # 45 ft, or ISO's 40 ft of 9 ft 6 in
    ],
)
def test_everything_else_is_an_unknown_size(size: str) -> None:
    assert length_code(size) is None
    assert teu_hundredths(size, "china") is None


def test_45_ft_counts_two_and_a_quarter_wherever_it_is_named() -> None:
    named = ("L5G1", "LEG1", "45HC", "45'HC", "45 HQ", "45FT HC", "45尺", "45' RF")

    assert [teu_hundredths(size, "china") for size in named] == [225] * len(named)
    assert [teu_hundredths(size, "eurostat") for size in named] == [225] * len(named)


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=4, max_size=4))
def test_four_letters_without_a_digit_are_no_size_unless_the_standard_lists_their_group(
    size: str,
) -> None:
    if size.isalpha() and size[2:] not in ISO_GROUPS:
        assert length_code(size) is None


@given(st.sampled_from(sorted(FEET)), st.sampled_from(("", *MARKS)), st.sampled_from(("", *TYPES)))
def test_a_spelling_has_one_length_in_any_order_letter_case_and_spacing(
    number: str, mark: str, kind: str
) -> None:
    length = length_code(f"{number}{mark}{kind}")

    assert length_code(f"{number} {mark} {kind}".lower()) == length
    if mark and kind:
        assert length_code(f"{kind} {number}{mark}") == length
        assert length == FEET[number]
