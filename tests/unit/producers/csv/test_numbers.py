"""Numbers, days and words in cells; expected values by hand."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import Reason, Rejected
from producers.csv.numbers import day, folded, number

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "delimiter", "value"),
    [
        *(("1234.5", ",", "1234.5"), ("1,234.5", ",", "1234.5"), ("3,252", ",", "3252")),
        *(("826.667", ",", "826.667"), ("1 234 567.5", ",", "1234567.5"), ("-5", ",", "-5")),
        *(("12,5", ";", "12.5"), ("1.234,5", ";", "1234.5"), ("1.234.567", ";", "1234567")),
        *(("1,234.5", ";", "1234.5"), ("0.125", ";", "0.125"), ("12.5", "\t", "12.5")),
        *(
            ("0,123", ";", "0.123"),
            ("1.2345", ";", "1.2345"),
            ("1,5", "\t", "1.5"),
            ("826 667", ";", "826667"),
        ),
    ],
)
def test_a_number_with_one_reading_is_exact(text: str, delimiter: str, value: str) -> None:
    assert number(text, "x", delimiter) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "delimiter", "says"),
    [
        ("826.667", ";", "may be 826667 or 826.667"),
        ("826.667", "\t", "may be 826667 or 826.667"),
        ("-12.500", ";", "may be -12500 or -12.500"),
        ("3,252", ";", "may be 3252 or 3.252"),
    ],
)
def test_a_number_with_two_readings_is_refused(text: str, delimiter: str, says: str) -> None:
    with pytest.raises(Rejected, match=says) as refused:
        number(text, "x", delimiter)

    assert refused.value.reason is Reason.BAD_VALUE


@pytest.mark.parametrize(
    "text",
    [
        *("826667¹", "826667²", "826667₁", "①", "826667①", "½", "1½", "٣", "১২", "𝟏𝟐", "㋀", "Ⅻ"),
        *("0,123", "0 123", "0,123,456", "0 123.5"),  # no thousands begin with 0
        *("826667 1", "12 34", "1 2345", "826667*", "826667 (1)", "1,23", "12,34,567", "--5", ""),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_what_only_looks_like_digits_is_no_number(text: str, delimiter: str) -> None:
    if delimiter == ";" and text in ("1,23", "0,123"):
        return  # a decimal comma
    with pytest.raises(Rejected) as refused:
        number(folded(text), "x", delimiter)

    assert refused.value.reason is Reason.BAD_VALUE


def test_a_strange_character_is_named() -> None:
    with pytest.raises(Rejected, match=r"'826667¹' is no number.*¹ being U\+00B9"):
        number("826667¹", "x")


def test_full_width_forms_are_plain_ones() -> None:
    assert folded("　３，２５２．５ ") == "3,252.5"
    assert folded("ＮＴＱＴ１（亿元）") == "NTQT1(亿元)"
    assert folded("⽉份") == "月份"  # as copied from a PDF: a radical in place of the character
    assert folded("12\u00a0345") == "12 345"


@given(st.text(max_size=8))
def test_folding_makes_no_digits_but_of_full_width_ones(text: str) -> None:
    digits = sum(char in "0123456789" or "０" <= char <= "９" for char in text)

    assert sum(char in "0123456789" for char in folded(text)) == digits


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("2025-12-31T16:00:00Z", date(2026, 1, 1)),  # midnight in Shanghai
        ("2025-12-31 16:00:00+00:00", date(2026, 1, 1)),
        ("2025-12-31T15:59:59Z", date(2025, 12, 31)),
        ("2026-01-01T00:00:00", date(2026, 1, 1)),
        ("2026/1/1 9:30", date(2026, 1, 1)),
        ("2026年1月1日", date(2026, 1, 1)),
        ("20260101", date(2026, 1, 1)),
        ("31/1/2026", date(2026, 1, 31)),
    ],
)
def test_an_instant_is_a_day_of_the_ports_zone(text: str, on: date) -> None:
    assert day(text, "x", SHANGHAI) == on


@pytest.mark.parametrize(
    "text", ["2026-03-01 to 2026-03-05", "2026-03-01*", "２０２６-0³-01", "٢٠٢٦-01-01", "1/2/2026"]
)
def test_what_is_no_single_day_is_refused(text: str) -> None:
    with pytest.raises(Rejected):
        day(text, "x", SHANGHAI)


@pytest.mark.parametrize("written", ["2026/01/31 23:30Z", "2026-1-31T23:30:00+00:00"])
def test_an_instant_is_a_day_of_the_zone_however_its_day_is_written(written: str) -> None:
    # 23:30 UTC is 07:30 of the next day in Shanghai
    assert day(written, "x", SHANGHAI) == date(2026, 2, 1)
