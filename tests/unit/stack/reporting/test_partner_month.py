"""The partners of a monthly report: figures of the register, or the reason why there are none."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from contract.book import Area, Book, Partner, Terminal
from contract.events import Label
from contract.wire import encode
from register.catalog import NAME
from register.store import RegisterStore
from reports.partner_records import PartnerRecords
from reports.period import Period, ReportKind
from reports.reason import AbsenceReason, Why
from stack.reporting.partner_month import PartnersAsked, partners_of_month
from tests.unit.ledger.records import BOOK, Raw, moved

NAMED = replace(BOOK, partner=(Partner(name="east", time_zone="UTC"),))
FEBRUARY = Period.of(ReportKind.MONTHLY, date(2026, 2, 1))
MARCH_1 = datetime(2026, 2, 28, 16, tzinfo=UTC)
"""Its midnight in Shanghai."""
LATER = MARCH_1 + timedelta(hours=8)


def sent(offset: int, received: datetime, terminal: str = "THE") -> Raw:
    happened = (received - timedelta(hours=2)).isoformat()
    event = moved(f"e{offset}", happened, source="/csv/east", terminal=terminal, recorded=happened)
    return Raw(offset, encode(event), round(received.timestamp() * 1000))


def asked(
    folder: Path,
    book: Book = NAMED,
    *,
    ends: tuple[int, ...] = (3,),
    now: datetime = LATER,
    said: list[str] | None = None,
) -> tuple[PartnerRecords, ...] | AbsenceReason | None:
    heard: list[str] = [] if said is None else said
    return partners_of_month(
        folder, book, PartnersAsked("tonghai", FEBRUARY, ends, now), heard.append
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A register of two days of February: two boxes, and one at an unknown terminal."""
    records = [
        sent(0, MARCH_1 - timedelta(days=20)),
        sent(1, MARCH_1 - timedelta(days=2)),
        sent(2, MARCH_1 - timedelta(days=2), terminal="T9"),
    ]
    RegisterStore(tmp_path, NAMED).add({0: records})
    return tmp_path


def test_a_month_has_its_records_and_the_days_without_any(folder: Path) -> None:
    east = PartnerRecords(
        partner="east",
        received=3,
        refused={"unknown_terminal": 1},
        repeated=0,
        amended=0,
        delays=(7200.0, 7200.0),  # two hours each
        silent_days=28 - 2,
    )

    assert asked(folder) == (east,)
    assert (east.accepted, east.all_refused) == (2, 1)


def test_a_register_that_lacks_records_of_the_month_says_so(folder: Path) -> None:
    behind = AbsenceReason(Why.REGISTER_BEHIND, "2026-02")

    assert asked(folder, ends=(4,)) == behind
    assert asked(folder, ends=(3, 1)) == behind  # a partition of which it has nothing
    # a record of March tells that all of February was read, whatever waits behind it
    RegisterStore(folder, NAMED).add({0: [sent(3, MARCH_1)]})
    assert isinstance(asked(folder, ends=(9,)), tuple)


def test_no_partners_no_register_and_a_running_month_are_reasons_and_no_zeros(
    folder: Path, tmp_path: Path
) -> None:
    assert asked(folder, BOOK) == AbsenceReason(Why.NO_PARTNER)
    assert asked(tmp_path / "none") == AbsenceReason(Why.NO_REGISTER)
    assert asked(folder, now=MARCH_1 - timedelta(seconds=1)) == AbsenceReason(Why.RUNNING)


def test_a_damaged_register_is_told_and_the_report_is_made(folder: Path) -> None:
    (folder / NAME).write_bytes(b"{")

    said: list[str] = []
    assert asked(folder, said=said) == AbsenceReason(Why.NO_REGISTER)
    assert "quaymark register rebuild" in said[0]


def test_other_reports_do_not_ask(folder: Path) -> None:
    day = Period.of(ReportKind.DAILY, date(2026, 2, 1))

    of_a_day = PartnersAsked("tonghai", day, (3,), LATER)
    assert partners_of_month(folder, NAMED, of_a_day, print) is None


def test_a_partner_of_another_area_has_a_row_only_if_something_of_it_came(folder: Path) -> None:
    south = Area("south", Label("南港", "South"), (Terminal("S1", Label("南一", "South One")),))
    elsewhere = Partner(name="elsewhere", time_zone="UTC", terminal="S1")
    east = Partner(name="east", time_zone="UTC", terminal="S1")
    book = replace(NAMED, area=(*NAMED.area, south), partner=(east, elsewhere))

    found = asked(folder, book)

    assert isinstance(found, tuple)
    # of the three records of `east` two were booked here; the unknown terminal is the other area's
    assert [(one.partner, one.received, one.refused) for one in found] == [("east", 2, {})]
