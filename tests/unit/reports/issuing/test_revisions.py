"""What an issue revises, and why: TEU of the port of years, moves made by hand."""

from collections import Counter
from datetime import date

from msgspec.structs import replace

from contract.events import MoveEvent, MoveRetracted, Retraction
from contract.snapshots import TerminalDay
from reports.forms.plain_text import plain_text
from reports.issuing.move_causes import DayOfTerminal, MoveCauses, explained
from reports.issuing.packed_values import packed, unpacked
from reports.issuing.revisions import revised_days, revisions
from reports.pages.report_builder import ReportBuilder
from reports.period import Span
from reports.values import CountedCause, ReportIssue, ReportValues, Revision, RevisionCause
from tests.unit.kpis.builders import BOOK, box, day, project, target
from tests.unit.reports.issuing.moves import move
from tests.unit.reports.port_of_years import measured, two_years

ON = date(2026, 11, 23)
DAYS = (ON,)
ISSUE = ReportIssue(date(2026, 11, 26), "08:00", 1)


def mended(teu: float) -> TerminalDay:
    """The newer state of THE's 23 November."""
    return day("2026-11-23", box(100, teu), terminal="THE", hour=23, offset=2)


def values(*more: TerminalDay, on: str = "2026-11-26", goal: int = 165_000) -> ReportValues:
    return measured(*two_years("2026-11-26"), *more, target(goal), on=on)


def test_a_day_that_changed_is_listed_below_the_years_sum() -> None:
    """330 + 165 TEU a day: 328 days until 24 November are 162,360; 23 November has 12.5 more."""
    then, now = values(on="2026-11-24"), values(mended(342.5))

    year, of_day = revisions(then, now)

    assert (year.then, year.now) == (162_360, 162_372.5)
    assert year.span == Span(date(2026, 1, 1), date(2026, 11, 24))
    assert (of_day.span.last, of_day.terminal) == (ON, "THE")
    assert (of_day.then, of_day.now) == (330, 342.5)
    assert revised_days((year, of_day)) == {ON}


def test_days_after_the_earlier_issue_are_no_revision_and_equal_books_revise_nothing() -> None:
    assert revisions(values(on="2026-11-22"), values(mended(342.5))) == ()
    assert revisions(values(on="2026-11-24"), values()) == ()


def test_a_goal_that_changed_is_a_revision_and_a_new_target_is_none() -> None:
    (goal,) = revisions(values(on="2026-11-24"), values(goal=170_000))

    assert (goal.then, goal.now) == (165_000, 170_000)
    assert goal.causes == (CountedCause(RevisionCause.TARGET),)
    without = measured(*two_years("2026-11-26"), on="2026-11-24")
    assert revisions(without, values()) == ()


def test_a_day_of_last_year_is_a_revision_with_last_years_sum() -> None:
    """365 days of 300 + 150 TEU; THE's 3 March 2025 has 20 more: 164,250 and 164,270."""
    late = day("2025-03-03", box(100, 320.0), terminal="THE", hour=23, offset=2)

    year, of_day = revisions(values(on="2026-11-24"), values(late))

    assert year.span == Span(date(2025, 1, 1), date(2025, 12, 31))
    assert (year.then, year.now) == (164_250, 164_270)
    assert (of_day.span.last, of_day.then, of_day.now) == (date(2025, 3, 3), 300, 320)
    report = ReportBuilder(replace(values(), issue=ISSUE, revisions=(year, of_day)), "en").report()
    assert "Year 2025: 164,250 → 164,270 TEU" in plain_text(report)
    zh = ReportBuilder(replace(values(), issue=ISSUE, revisions=(year,)), "zh").report()
    assert "2025 年：164,250 → 164,270 标箱" in plain_text(zh)


def test_a_day_of_long_ago_is_no_revision_since_the_report_does_not_look_back_to_it() -> None:
    late = day("2024-12-31", box(1, 1.0), terminal="THE", hour=23)

    assert revisions(values(on="2026-11-24"), values(late)) == ()


def test_projects_that_were_reported_late_or_amended_are_revisions() -> None:
    """p1 of 200 million is known now as one of 300 million; p2 was signed and told later."""
    known = project("p1", 200_000_000, signed="2026-03-01")
    amended = project("p1", 300_000_000, signed="2026-03-01", offset=2)
    late = project("p2", 100_000_000, signed="2026-11-20")
    then = measured(*two_years("2026-11-26"), known, on="2026-11-24")

    found = revisions(then, measured(*two_years("2026-11-26"), amended, late, on="2026-11-25"))

    assert [(one.stage, one.is_amount, one.then, one.now) for one in found] == [
        ("signed", False, 1, 2),
        ("signed", True, 200_000_000, 400_000_000),
    ]
    assert {one.causes for one in found} == {(CountedCause(RevisionCause.PROJECT),)}
    report = ReportBuilder(replace(then, issue=ISSUE, revisions=found), "en").report()
    text = plain_text(report)
    assert "Projects, signed by 24 Nov: 1 → 2 (reported late or amended)" in text
    assert [one.sheet for one in report.sheets if one.sheet == "Revisions"] == ["Revisions"]


def test_a_project_that_is_signed_after_the_earlier_issue_is_no_revision() -> None:
    then = measured(*two_years("2026-11-26"), project("p1"), on="2026-11-24")
    new = project("p2", signed="2026-11-25")
    port = [*two_years("2026-11-26")]

    assert revisions(then, measured(*port, project("p1"), new, on="2026-11-25")) == ()
    again = measured(*two_years("2026-11-26"), project("p1", 5, offset=2), on="2026-11-24")
    assert [one.is_amount for one in revisions(then, again)] == [True]  # a new edition
    later = measured(*two_years("2026-11-26"), project("p1", 5, offset=2), on="2026-11-26")
    assert revisions(then, later) == ()  # two days later: nothing was read of that moment


def test_packed_values_are_the_same_values() -> None:
    then = values(on="2026-11-24")

    assert unpacked(packed(then)) == then


def counted(
    newer: list[MoveEvent], before: list[MoveEvent]
) -> dict[DayOfTerminal, Counter[RevisionCause]]:
    found = MoveCauses(BOOK, DAYS)
    for event in newer:
        found.take_newer(event)
    for event in before:
        found.take_before(event)
    return dict(found.counts())


def test_late_amended_and_taken_back_moves_are_told_apart() -> None:
    late = move("late", recorded="2026-11-26 09:00")
    amended = move("amended", recorded="2026-11-26 09:00", terminal="THW")
    original = move("amended")
    gone = MoveRetracted(
        id="r1",
        source=late.source,
        time=late.time,
        recordedtime=late.recordedtime,
        specversion="1.0",
        data=Retraction("gone"),
    )

    found = counted([late, amended, gone], [original, move("gone"), move("other")])

    assert found == {
        (ON, "THE"): Counter(
            {RevisionCause.LATE: 1, RevisionCause.AMENDED: 1, RevisionCause.RETRACTED: 1}
        ),
        (ON, "THW"): Counter({RevisionCause.AMENDED: 1}),
    }


def test_a_repeat_a_gate_move_and_another_day_explain_nothing() -> None:
    gate = move("gate", event="GTIN", recorded="2026-11-26 09:00")
    other_day = move("other", on="2026-11-24 10:00", recorded="2026-11-26 09:00")

    assert counted([move("same"), gate, other_day], [move("same")]) == {}


def test_a_move_that_came_and_went_between_two_issues_explains_nothing() -> None:
    came = move("came", recorded="2026-11-26 09:00")
    went = replace(came, recordedtime=move("x", recorded="2026-11-26 10:00").recordedtime)

    assert counted([came, replace(went, data=replace(went.data, isRetracted=True))], []) == {}


def test_a_day_that_no_record_explains_says_so() -> None:
    found = (Revision(Span(ON, ON), 1.0, 2.0, "THE"), Revision(Span(ON, ON), 1.0, 2.0))

    day_of_terminal, total = explained(found, {(ON, "THW"): Counter({RevisionCause.LATE: 1})})

    assert day_of_terminal.causes == (CountedCause(RevisionCause.UNEXPLAINED),)
    assert total.causes == ()
