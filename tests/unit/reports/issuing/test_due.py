"""Which reports are due, by hand from the calendar: 25 November 2026 is a Wednesday."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from contract.reporting.issued_report import BY_HAND, BY_SCHEDULE, IssuedReport
from contract.reporting.report_plan import ReportPlan
from reports.issuing.due import ReportClock, due
from reports.period import Period, ReportKind

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
DAILY = ReportPlan(kinds=("daily",))


def clock(
    now: str, plan: ReportPlan = DAILY, tz: ZoneInfo = SHANGHAI, since: datetime = LONG_AGO
) -> ReportClock:
    """The clock at a local time."""
    return ReportClock(plan, tz, datetime.fromisoformat(now).replace(tzinfo=tz), since)


def issued(
    on: str, kind: str = "daily", edition: int = 1, by: str = BY_SCHEDULE, **more: bool
) -> IssuedReport:
    period = Period.of(ReportKind(kind), date.fromisoformat(on))
    return IssuedReport(
        "tonghai", kind, period.name, edition, period.span.first, period.last,
        datetime(2026, 1, 1, tzinfo=UTC), more.get("provisional", False), by, "1", "", {}, (),
    )  # fmt: skip


def names(at: ReportClock, *known: IssuedReport) -> list[str]:
    return [f"{one.period.name} {one.edition}" for one in due("tonghai", at, known)]


def test_before_the_hour_nothing_new_is_due_and_at_the_hour_yesterday_is() -> None:
    known = issued("2026-11-23")

    assert names(clock("2026-11-25 07:59:59"), known, issued("2026-11-24")) == []
    assert names(clock("2026-11-26 07:59:59"), known, issued("2026-11-24")) == []
    assert names(clock("2026-11-26 08:00"), known, issued("2026-11-24")) == ["2026-11-25 1"]


def test_without_any_issue_only_the_newest_period_of_each_kind_is_due() -> None:
    assert names(clock("2026-11-26 09:00", ReportPlan())) == [
        "2026-10 1",  # until 31 October
        "2026-W47 1",  # until Sunday, 22 November
        "2026-11-25 1",
    ]


def test_three_days_down_are_three_reports_in_order() -> None:
    assert names(clock("2026-11-26 09:00"), issued("2026-11-22")) == [
        "2026-11-23 1",
        "2026-11-24 1",
        "2026-11-25 1",
    ]


def test_at_most_31_periods_are_caught_up_and_a_gap_is_filled() -> None:
    """31 periods back from 25 November is 26 October."""
    all_gone = names(clock("2026-11-26 09:00"), issued("2026-10-26"))
    assert all_gone[0] == "2026-10-27 1"
    assert len(all_gone) == 30

    assert names(clock("2026-11-26 09:00"), issued("2026-10-25")) == ["2026-11-25 1"]
    gap = [issued("2026-11-22"), issued("2026-11-24"), issued("2026-11-25")]
    assert names(clock("2026-11-26 09:00"), *gap) == ["2026-11-23 1"]


def test_a_report_that_a_person_issued_is_not_issued_again_and_begins_no_catching_up() -> None:
    by_hand = issued("2026-11-20", by=BY_HAND)

    assert names(clock("2026-11-26 09:00"), by_hand) == ["2026-11-25 1"]
    assert names(clock("2026-11-26 09:00"), issued("2026-11-25", by=BY_HAND)) == []


def test_a_period_is_due_once_though_the_clock_is_set_back() -> None:
    known = [issued("2026-11-24"), issued("2026-11-25")]

    assert names(clock("2026-11-26 09:00"), *known) == []
    assert names(clock("2026-11-25 09:00"), *known) == []
    assert names(clock("2026-11-26 09:00"), *known) == []


def test_patience_is_over_two_hours_after_the_hour_or_after_the_start() -> None:
    def may(now: str, since: datetime = LONG_AGO) -> bool:
        (one,) = due("tonghai", clock(now, since=since), [])
        return one.may_be_provisional

    assert not may("2026-11-26 09:59")
    assert may("2026-11-26 10:00")
    started = datetime(2026, 11, 26, 11, tzinfo=SHANGHAI)
    assert not may("2026-11-26 12:59", started)
    assert may("2026-11-26 13:00", started)


def test_a_provisional_report_is_due_again_for_seven_days_and_only_if_whole() -> None:
    first = issued("2026-11-25", provisional=True)

    (again,) = due("tonghai", clock("2026-11-26 12:00"), [first])
    assert (again.edition, again.may_be_provisional) == (2, False)
    others = [issued(f"2026-11-{on}") for on in range(26, 31)] + [issued("2026-12-01")]
    assert names(clock("2026-12-03 08:00"), first, *others, issued("2026-12-02")) == [
        "2026-11-25 2"
    ]
    assert names(clock("2026-12-03 08:01"), first, *others, issued("2026-12-02")) == []
    assert names(clock("2026-11-26 12:00"), first, issued("2026-11-25", edition=2)) == []


def test_another_owners_issues_count_nothing() -> None:
    assert due("haimen", clock("2026-11-26 09:00"), [issued("2026-11-25")])


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2027-01-01 08:00", ["2026-12 1", "2026-12-31 1"]),  # the year's last day
        ("2028-03-01 08:00", ["2028-02 1", "2028-02-29 1"]),  # a leap day
    ],
)
def test_1_january_and_29_february_are_days_like_others(now: str, expected: list[str]) -> None:
    plan = ReportPlan(kinds=("daily", "monthly"))

    assert sorted(names(clock(now, plan))) == sorted(expected)


def test_the_hour_that_summer_time_skips_or_repeats_issues_each_day_once() -> None:
    """In Berlin 02:30 does not exist on 29 March 2026, and exists twice on 25 October 2026."""
    plan = ReportPlan(issue_at=time(2, 30), kinds=("daily",))

    for day, known in (("2026-03-29", "2026-03-27"), ("2026-10-25", "2026-10-23")):
        before = date.fromisoformat(day)
        yesterday = f"{before.replace(day=before.day - 1)} 1"
        assert names(clock(f"{day} 01:29", plan, BERLIN), issued(known)) == []
        assert names(clock(f"{day} 04:00", plan, BERLIN), issued(known)) == [yesterday]
