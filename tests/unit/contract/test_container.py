"""Sizes and numbers of containers; expected values by hand from the table of TEU and ISO 6346."""

import pytest

from contract.container import NumberFlag, check_digit, number_flag, teu_hundredths


@pytest.mark.parametrize(
    ("code", "china", "eurostat"),
    [
        ("22G1", 100, 100),
        ("45G1", 200, 200),  # a 40 ft high cube, not a 45 ft box
        ("L5G1", 225, 225),
        ("4310", 200, 200),
        ("12G0", 50, 50),
        ("30G0", 150, 150),
        ("A2G0", 117, 150),  # 7.15 / 6.096 = 1.173
        ("F2G0", 133, 150),  # 8.10 / 6.096 = 1.329
        ("G2G0", 205, 225),
        ("P5G0", 265, 225),
        ("0000", None, None),
        ("", None, None),
        (None, None, None),
        ("X2G1", None, None),
    ],
)
def test_the_first_character_gives_the_size(
    code: str | None, china: int | None, eurostat: int | None
) -> None:
    assert teu_hundredths(code, "china") == china
    assert teu_hundredths(code, "eurostat") == eurostat


def test_check_digits_are_those_of_the_standard() -> None:
    # C=13 S=30 Q=28 U=32, weights 1 2 4 8: 441; 3*16 + 5*64 + 4*128 + 3*256 + 8*512 = 5744;
    # 6185 = 562*11 + 3
    assert check_digit("CSQU305438") == 3
    # A=10 P=27 Z=38 U=32: 472; 1*(16 + 32 + 64 + 128 + 256 + 512) = 1008; 1480 = 134*11 + 6
    assert check_digit("APZU111111") == 6


def test_a_remainder_of_ten_is_the_digit_zero() -> None:
    # M=24 S=30 K=21 U=32: 24 + 60 + 84 + 256 + 8*512 = 4520 = 410*11 + 10
    assert check_digit("MSKU000008") == 0
    assert number_flag("MSKU0000080") is None


@pytest.mark.parametrize(
    ("number", "flag"),
    [
        ("CSQU3054383", None),
        ("CSQU3054385", NumberFlag.CHECK_DIGIT),
        ("TESI1120274", NumberFlag.CHECK_DIGIT),
        ("APZU4812090", None),
        ("ABC123", NumberFlag.NOT_ISO),
        ("МSСU1234567", NumberFlag.NOT_ISO),  # Cyrillic М and С
        ("CSQU٣٠٥٤٣٨٥", NumberFlag.NOT_ISO),  # Arabic digits
        (None, NumberFlag.MISSING),
        ("", NumberFlag.MISSING),
    ],
)
def test_odd_numbers_are_named(number: str | None, flag: NumberFlag | None) -> None:
    assert number_flag(number) == flag


def test_the_check_digit_is_the_weighted_sum_of_all_ten_characters() -> None:
    """ISO 6346, annex A: 2 to the power of the place times each value, mod 11, and 10 is 0."""
    letters = [n for n in range(10, 39) if n % 11]  # A is 10, B 12, … Z 38
    values = {**dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", letters, strict=True))}
    values |= {str(digit): digit for digit in range(10)}
    for serial in range(0, 1_000_000, 7_919):
        for owner in ("CSQU", "MSKJ", "ZZZZ", "AAAU"):
            number = f"{owner}{serial:06}"
            total = sum(values[character] * 2**place for place, character in enumerate(number))
            assert check_digit(number) == total % 11 % 10
