"""What the schedule issues over days: an issuer of the test's own says which days are whole."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace

from contract.book import Book, read_book
from contract.errors import Misconfigured, StackError
from contract.reporting.issued_report import IssuedReport
from contract.reporting.report_plan import ReportPlan
from reports.issuing.due import DueReport
from reports.measuring.report_values import Owners
from reports.period import Period
from stack.reporting.issuing import Issuer, issue_owners
from stack.reporting.report_service import ReportSchedule
from stack.reporting.report_store import ReportStore
from tests.unit.kpis.builders import BOOK
from tests.unit.stack.reporting.issued_reports import FILES, a_report

PLANNED = replace(BOOK, report=ReportPlan(kinds=("daily",)))
START = datetime(2026, 11, 26, 1, tzinfo=UTC)
"""09:00 on 26 November in the port's zone."""


class FakeIssuer:
    """Issues into the folder without books; `whole` are the days that are whole."""

    def __init__(self, store: ReportStore) -> None:
        self.store, self.whole = store, set[date]()
        self.looks = 0
        self.fault: StackError | None = None

    def recover(self) -> dict[str, IssuedReport]:
        if self.fault:
            raise self.fault
        return {}

    def held(self) -> str:
        return "books"

    def is_ready(self, owners: object, period: Period, held: object) -> bool:
        self.looks += 1
        return period.last in self.whole

    def values(self, owners: object, period: Period, *_: object) -> Period | None:
        return None if period.last.year < 2026 else period

    def issue(self, wanted: DueReport, values: Period, held: object, by: str) -> IssuedReport:
        report = replace(
            a_report(values.last, wanted.edition),
            owner=wanted.owner,
            provisional=values.last not in self.whole,
            by=by,
        )
        self.store.put(report, FILES)
        return report


class Days:
    """A schedule whose clock the test moves."""

    def __init__(self, root: Path, book: Book = PLANNED) -> None:
        self.now, self.said = START, list[str]()
        self.issuer = FakeIssuer(ReportStore(root))
        self.schedule = ReportSchedule(
            book,
            cast(Issuer, self.issuer),
            self.issuer.store,
            lambda: self.now,
            self.said.append,
        )

    def run(self, **later: Any) -> list[str]:
        """Let time pass, and return what is issued then: day, edition, ! if provisional."""
        self.now += timedelta(**later)
        return [
            f"{one.period} {one.edition}{'!' if one.provisional else ''}"
            for one in self.schedule.run()
            if one.owner == "tonghai"
        ]

    def night(self) -> None:
        self.now = self.now.replace(hour=1) + timedelta(1)


def test_a_whole_day_is_issued_at_once_and_only_once(tmp_path: Path) -> None:
    days = Days(tmp_path)
    days.issuer.whole = {date(2026, 11, 25)}

    assert days.run() == ["2026-11-25 1"]
    assert days.run(minutes=1) == []
    assert Days(tmp_path).run() == []  # after a restart, too


def test_a_day_that_is_not_whole_waits_is_provisional_and_gets_a_new_edition(
    tmp_path: Path,
) -> None:
    days = Days(tmp_path)

    assert days.run() == []
    assert days.run(minutes=119) == []
    assert [line for line in days.said if "tonghai" in line] == [
        "tonghai/daily/2026-11-25 waits: its last day is not whole yet"
    ]
    assert days.run(minutes=1) == ["2026-11-25 1!"]
    days.issuer.whole = {date(2026, 11, 25)}
    assert days.run(minutes=11) == ["2026-11-25 2"]
    assert days.run(minutes=11) == []


def test_the_books_are_not_read_each_minute_for_a_provisional_report(tmp_path: Path) -> None:
    days = Days(tmp_path)
    days.run(hours=2)
    before = days.issuer.looks

    for _ in range(20):
        days.run(minutes=1)

    assert days.issuer.looks - before <= 3 * len(PLANNED.owners)


def test_after_three_days_down_three_reports_come_in_order(tmp_path: Path) -> None:
    days = Days(tmp_path)
    days.issuer.whole = {date(2026, 11, on) for on in range(20, 29)}
    days.run()
    for _ in range(3):
        days.night()

    assert days.run() == ["2026-11-26 1", "2026-11-27 1", "2026-11-28 1"]


def test_a_later_day_waits_for_an_earlier_one_that_is_not_whole(tmp_path: Path) -> None:
    days = Days(tmp_path)
    days.issuer.whole = {date(2026, 11, 25), date(2026, 11, 27)}
    days.run()
    days.night()
    days.night()

    again = Days(tmp_path)
    again.now = days.now
    again.schedule = ReportSchedule(
        PLANNED,
        cast(Issuer, again.issuer),
        again.issuer.store,
        lambda: again.now,
        again.said.append,
    )
    again.issuer.whole = days.issuer.whole
    assert again.run() == []
    assert again.run(hours=2) == ["2026-11-26 1!", "2026-11-27 1"]


def test_a_fault_is_told_makes_a_report_overdue_and_is_tried_again(tmp_path: Path) -> None:
    """Patience is over at 11:00, two hours after the start; an hour later it is 3,600 s."""
    days = Days(tmp_path)
    days.issuer.whole = {date(2026, 11, 25)}
    days.issuer.fault = StackError("no Kafka")

    with pytest.raises(StackError, match="no Kafka"):
        days.run(hours=3)
    assert days.schedule.overdue["tonghai", "daily"] == 3600

    days.issuer.fault = None
    assert days.run() == ["2026-11-25 1"]
    assert days.schedule.overdue["tonghai", "daily"] == 0


def test_books_that_hold_nothing_make_no_report_and_none_is_overdue(tmp_path: Path) -> None:
    days = Days(tmp_path)
    days.now, days.issuer.whole = datetime(2025, 3, 1, 1, tzinfo=UTC), {date(2025, 2, 28)}

    assert days.run() == []
    assert days.run(hours=9) == []
    assert set(days.schedule.overdue.values()) == {0.0}
    assert any("the books hold nothing of it" in line for line in days.said)


def test_no_kinds_issue_nothing(tmp_path: Path) -> None:
    days = Days(tmp_path, replace(BOOK, report=ReportPlan(kinds=())))

    assert days.run(hours=9) == []


def test_the_port_area_and_the_zone_are_joined_or_apart_as_the_plan_says() -> None:
    """By default the first area's report has the zone in it."""
    area, zone = BOOK.area[0], BOOK.zone

    def owners(*said: tuple[str, ...]) -> tuple[tuple[str, Owners], ...]:
        return issue_owners(replace(BOOK, report=ReportPlan(owners=said)))

    assert owners() == (("tonghai", Owners(area, zone)),)
    assert owners(("haimen", "tonghai")) == (("tonghai", Owners(area, zone)),)
    apart = (("tonghai", Owners(area, None)), ("haimen", Owners(None, zone)))
    assert owners(("tonghai",), ("haimen",)) == apart


@pytest.mark.parametrize(
    ("owners", "said"),
    [
        ('[["tonghai", "nowhere"]]', "report.owners names 'nowhere', expected one of tonghai, "),
        ('[["tonghai", "yanghe"]]', "report.owners joins tonghai, yanghe, expected one port area"),
        ('[["tonghai"], ["tonghai"]]', "report.owners 'tonghai' appears 2 times, expected once"),
        ("[[]]", "length >= 1"),
    ],
)
def test_wrong_owners_of_reports_are_named(owners: str, said: str) -> None:
    areas = "".join(
        f'[[area]]\ncode = "{code}"\nname = {{ zh = "{code}", en = "{code}" }}\n'
        f'[[area.terminal]]\ncode = "{code[:3]}"\nname = {{ zh = "x", en = "x" }}\n'
        for code in ("tonghai", "yanghe")
    )
    port = '[port]\ntime_zone = "Asia/Shanghai"\nun_location_code = "CNNTG"\n'

    with pytest.raises(Misconfigured) as raised:
        read_book(f"{port}{areas}[report]\nowners = {owners}\n", "quaymark.toml")

    assert said in str(raised.value)
