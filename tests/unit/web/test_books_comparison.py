"""A figure beside the books: equal, or by how much not and why, without a false alarm."""

import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec.structs import replace

from kpis.past.all_owners import PastOfOwners
from ledger.move_ledger import MoveLedger
from register.store import RegisterStore
from tests.unit.ledger.records import BOOK, Raw, moved, topic
from tests.unit.web.test_figure_pages import DAY, KNOWN, LATER, SINCE, Got, get
from tests.unit.web.test_page_server import site
from web.figures.booked_days import KEPT, BookedDays, kept_readings
from web.figures.site_figures import SiteFigures

EVENTS = topic(
    [moved("a"), moved("b", size="45G1"), moved("c", size="L5G1"), moved("d", size="22G1")],
    received=LATER - timedelta(minutes=1),
)
"""20, 40, 45 and 20 ft at THE: 1.00, 3.00, 5.25 and 6.25 TEU in all."""
ALL = len(EVENTS)


def books(upto: int, seconds: int = 0, records: list[Raw] = EVENTS) -> BookedDays:
    """The books that have read so many records, read so many seconds before LATER."""
    past, ledger = PastOfOwners(BOOK), MoveLedger(0, BOOK)
    ledger.take(records[:upto])
    for day in ledger.snapshots():
        past.take(day)
    return BookedDays.of(past, LATER - timedelta(seconds=seconds))


def shown(*booked: BookedDays, waiting: int | None = 0) -> SiteFigures:
    return replace(site(), booked=booked, waiting=waiting)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Registers that have read so many records."""
    found = {}
    for upto in (2, 3, ALL):
        found[upto] = tmp_path_factory.mktemp(f"register{upto}")
        RegisterStore(found[upto], BOOK).add({0: EVENTS[:upto]})
    return found


def day(folder: Path, figures: SiteFigures, more: str = "", lang: str = "en") -> Got:
    return get(folder, f"/explain?lang={lang}&{DAY}{more}", figures=figures)


def test_a_page_says_that_its_figure_equals_the_books(folders: dict[int, Path]) -> None:
    for more in ("", "&terminal=THE", "&records=1", "&state=counted"):
        found = day(folders[ALL], shown(books(ALL)), more).text
        assert "Equals the books: 6.25 TEU, 4 moves." in found
        assert 'role="alert"' not in found
    of_40_feet = day(folders[ALL], shown(books(ALL)), "&size_feet=40&move=LOAD&fill=LADEN").text
    assert "Equals the books: 2.00 TEU, 1 moves." in of_40_feet
    chinese = day(folders[ALL], shown(books(ALL)), lang="zh").text
    assert "与账册相符：6.25 标箱，4 次作业。" in chinese


def test_books_that_lack_the_newest_records_equal_what_the_register_had_then(
    folders: dict[int, Path],
) -> None:
    found = day(folders[ALL], shown(books(2))).text

    assert "<b>6.25 TEU, 4 moves</b>" in found
    assert "Equals the books: 3.00 TEU, 2 moves, as read at 12:00:00" in found
    assert "the register got 2 more records" in found
    assert 'role="alert"' not in found


def test_a_register_that_lacks_the_newest_records_equals_an_earlier_reading(
    folders: dict[int, Path],
) -> None:
    found = day(folders[3], shown(books(ALL), books(2, 20), books(2, 40))).text

    assert "Equals the books: 3.00 TEU, 2 moves, as read at 11:59:40." in found
    assert "the register got 1 more records" in found
    [as_much] = re.findall(r"Equals[^<]*", day(folders[2], shown(books(ALL), books(2, 20))).text)
    assert as_much == "Equals the books: 3.00 TEU, 2 moves, as read at 11:59:40."


def test_a_register_that_lacks_them_for_longer_says_how_many(folders: dict[int, Path]) -> None:
    found = day(folders[2], shown(*(books(ALL, 20 * n) for n in range(KEPT)))).text

    assert "The books hold 6.25 TEU, 4 moves: the register has yet to read 2 of" in found
    assert 'role="alert"' not in found


def test_a_difference_is_told_once_two_readings_show_it(folders: dict[int, Path]) -> None:
    wrong = EVENTS[:3] + topic([moved("d", size="45G1")], first=3)  # 2.00 instead of 1.00
    once, twice = (books(ALL, n, wrong) for n in (0, 20))

    first = day(folders[ALL], shown(once)).text
    assert 'role="alert"' not in first
    assert "Load this page again in 20 seconds" in first
    second = day(folders[ALL], shown(once, twice)).text
    assert 'role="alert"' in second
    assert "Differs from the books by +1.00 TEU, +0 moves: they hold 7.25 TEU, 4 moves." in second
    assert "quaymark books verify" in second
    chinese = day(folders[ALL], shown(once, twice), lang="zh").text
    assert "与账册相差 +1.00 标箱，+0 次作业：账册为 7.25 标箱，4 次作业。" in chinese


@pytest.mark.parametrize(
    ("waiting", "why"), [(None, "The worker does not answer"), (7, "7 events wait")]
)
def test_no_difference_is_told_while_events_wait(
    folders: dict[int, Path], waiting: int | None, why: str
) -> None:
    wrong = EVENTS[:3] + topic([moved("d", size="45G1")], first=3)  # 2.00 instead of 1.00
    booked = [books(ALL, seconds, wrong) for seconds in (0, 20)]
    found = day(folders[ALL], shown(*booked, waiting=waiting)).text

    assert 'role="alert"' not in found
    assert "The books hold 7.25 TEU, 4 moves, which is +1.00 TEU, +0 moves by this" in found
    assert why in found


def test_a_change_until_now_is_compared_by_its_end(folders: dict[int, Path]) -> None:
    found = day(folders[ALL], shown(books(ALL)), f"&since={SINCE}").text

    assert "0.00 → 6.25 TEU: +6.25" in found
    assert "Equals the books: 6.25 TEU." in found


def test_what_books_can_not_know_is_not_compared_and_says_why(folders: dict[int, Path]) -> None:
    wrong = shown(books(1), books(1, 20))
    for more in (f"&known={KNOWN}", f"&since={SINCE}&known={KNOWN}"):
        assert "The books show the present only" in day(folders[ALL], wrong, more).text
    for more in ("&source=/tonghai/THE", "&state=refused", "&reason=none"):
        assert "The books know no source" in day(folders[ALL], wrong, more).text


def test_books_that_were_never_read_are_not_spoken_of(folders: dict[int, Path]) -> None:
    assert "Equals" not in day(folders[ALL], shown()).text


def test_readings_that_are_kept_lie_apart() -> None:
    kept: tuple[BookedDays, ...] = ()
    for seconds in range(200, -1, -2):  # as while a forecast is made
        kept = kept_readings(books(0, seconds), kept)

    ages = [(LATER - one.at).total_seconds() for one in kept]
    assert ages[0] == 0
    assert len(ages) == KEPT
    assert all(15 <= after - before <= 17 for before, after in pairwise(ages[1:]))


def test_a_reading_stays_as_it_is_while_the_books_are_read_on() -> None:
    past, ledger = PastOfOwners(BOOK), MoveLedger(0, BOOK)
    ledger.take(EVENTS[:1])
    for snapshot in ledger.snapshots():
        past.take(snapshot)
    before = BookedDays.of(past, LATER)
    ledger.take(EVENTS[1:])
    for snapshot in ledger.snapshots():
        past.take(snapshot)

    [then] = before.areas["tonghai"].between(None, None)
    [now] = BookedDays.of(past, LATER).areas["tonghai"].between(None, None)
    assert (then.offset, now.offset) == (0, 3)
    assert (before.unread({}), before.unread({0: 1}), before.unread({0: 9})) == (1, 0, 0)
