"""Lengths, TEU and container numbers by ISO 6346."""

import pytest

from ledger.equipment import UNKNOWN_SIZE, number_faults, size_of


@pytest.mark.parametrize(
    ("code", "size", "china", "eurostat"),
    [
        ("12G0", "10", 50, 50),
        ("22G1", "20", 100, 100),
        ("2200", "20", 100, 100),
        ("32G1", "30", 150, 150),
        ("42G1", "40", 200, 200),
        ("45GP", "40", 200, 200),
        ("4310", "40", 200, 200),
        ("L5G1", "45", 225, 225),
        ("l5g1", "45", 225, 225),
        # metres / 6.096: 7.15 1.173, 7.315 1.200, 7.43 1.219, 7.45 1.222, 7.82 1.283, 8.1 1.329
        ("A2G1", "other", 117, 150),
        ("B2G1", "other", 120, 150),
        ("C2G1", "other", 122, 150),
        ("D2G1", "other", 122, 150),
        ("E2G1", "other", 128, 150),
        ("F2G1", "other", 133, 150),
        ("G2G1", "other", 205, 225),  # 41 ft / 20
        ("H2G1", "other", 215, 225),
        ("K2G1", "other", 223, 225),  # 13.6 m / 6.096 = 2.231
        ("M2G1", "other", 240, 225),
        ("N2G1", "other", 245, 225),
        ("P2G1", "other", 265, 225),
        ("0000", "unknown", UNKNOWN_SIZE, UNKNOWN_SIZE),
        ("", "unknown", UNKNOWN_SIZE, UNKNOWN_SIZE),
        (None, "unknown", UNKNOWN_SIZE, UNKNOWN_SIZE),
        ("Z5G1", "unknown", UNKNOWN_SIZE, UNKNOWN_SIZE),
    ],
)
def test_the_first_character_gives_the_length(
    code: str | None, size: str, china: int, eurostat: int
) -> None:
    assert size_of(code, "china") == (size, china)
    assert size_of(code, "eurostat") == (size, eurostat)


def test_a_number_is_good_malformed_missing_or_has_a_wrong_check_digit() -> None:
    # CSQU305438: C13 S30*2 Q28*4 U32*8 3*16 0 5*64 4*128 3*256 8*512 = 6185, mod 11 = 3.
    # HLXU000002: H18 L23*2 X36*4 U32*8 2*512 = 1488, mod 11 = 3; HLXU00000X: X = 5 gives
    # 464 + 2560 = 3024, mod 11 = 10, which is written 0.
    numbers = [
        "CSQU3054383",
        "CSQU3054384",
        "HLXU0000050",
        "HLXU0000023",
        "",
        "CSQU305438",
        "CSQ13054383",
        "CSQU305438A",
        "csqu3054383",
        "ÄSQU3054383",
        "CSQU30543833",  # one character more, and ten
        "CSQU3054383CSQU3054383",
        "CSQU3054383\0",  # NUL is a character like any other
        "\0",
        "CSQU\x00054383",  # eleven characters
    ]

    assert number_faults(numbers).tolist() == [0, 3, 0, 0, 1, *[2] * 10]
    assert number_faults(numbers[:5]).tolist() == [0, 3, 0, 0, 1]
    assert number_faults([]).tolist() == []
