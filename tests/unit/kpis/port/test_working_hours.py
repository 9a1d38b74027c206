"""How long the quay may be quiet; every instant is worked by hand."""

from datetime import date
from typing import Any

import msgspec
import pytest

from contract.book import read_book
from contract.errors import Misconfigured
from kpis.port.books import PortBooks
from kpis.port.working_hours import next_move_due, worked_until
from tests.unit.kpis.builders import BOOK, at, box, day, seconds


def until(since: str, **port: Any) -> float | None:
    changed = msgspec.structs.replace(BOOK.port, **port)
    return worked_until(at(since), changed, BOOK.tz)


def test_a_quay_that_works_day_and_night_may_be_quiet_for_two_hours() -> None:
    assert until("2026-03-01 23:30") == seconds("2026-03-02 01:30")


@pytest.mark.parametrize(
    ("since", "due"),
    [
        ("2026-03-01 10:00", "2026-03-01 12:00"),
        ("2026-03-01 19:00", "2026-03-02 09:00"),  # one hour this day, one the next
        ("2026-03-01 22:00", "2026-03-02 10:00"),  # after hours: both the next day
        ("2026-03-02 18:30", "2026-03-05 08:30"),  # 1:30 that day, the third and fourth closed
    ],
)
def test_only_hours_of_work_count(since: str, due: str) -> None:
    closed = (date(2026, 3, 3), date(2026, 3, 4))

    assert until(since, work_from=8, work_to=20, closed=closed) == seconds(due)


def test_it_counts_from_the_newest_quay_move_of_any_year() -> None:
    books = PortBooks(BOOK, "tonghai")
    now = at("2026-01-01 00:10")
    assert next_move_due(books, now) is None

    books.post(day("2025-12-31", box(1, 1), hour=23))  # newest 23:30
    books.post(day("2026-01-01", box(1, 0, move="GTIN")))  # no quay move
    assert next_move_due(books, now) == seconds("2026-01-01 01:30")


def test_hours_that_end_before_they_begin_are_refused() -> None:
    text = """
    [port]
    time_zone = "Asia/Shanghai"
    un_location_code = "CNNTG"
    work_from = 20
    work_to = 8
    """
    with pytest.raises(Misconfigured, match="work_from is 20 and work_to 8"):
        read_book(text, "quaymark.toml")
