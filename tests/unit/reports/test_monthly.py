"""Weekly and monthly reports: their tables, what they say in short, and Spring Festival."""

from datetime import date

import pytest

from contract.events import Stage
from kpis.catalogue import KPIS
from kpis.model.spring_festival import FIRST_DAYS
from reports.forms.plain_text import plain_text
from reports.measuring.report_values import Owners
from reports.pages.report_builder import ReportBuilder
from reports.period import ReportKind
from reports.reason import AbsenceReason, Why
from reports.tree import Day, Lang, ReportFigure, ReportTree, Table
from reports.unreported import UNREPORTED
from tests.unit.kpis.builders import BOOK, project
from tests.unit.reports.port_of_years import LAST_YEAR, PLAN, days, measured, two_years

FESTIVAL = {"festival": True}


def page(on: str, kind: ReportKind = ReportKind.MONTHLY, lang: Lang = "en") -> ReportTree:
    values = measured(*two_years("2026-11-30"), PLAN, kind=kind, on=on, port=FESTIVAL)
    return ReportBuilder(values, lang).report()


def table(report: ReportTree, title: str) -> Table:
    found = [one for one in report.blocks() if isinstance(one, Table) and one.title == title]
    return found[0]


def value(cell: object) -> float | AbsenceReason:
    assert isinstance(cell, ReportFigure)
    return cell.value


def test_january_and_february_stand_in_grey_and_both_together_in_bold() -> None:
    """31 and 28 days of 495, against 450 a day of last year: +10 %."""
    rows = table(page("2026-03-31"), "By month").rows

    january, february, both, march = rows
    assert january.cells[0] == Day(date(2026, 1, 1), by_month=True)
    assert [value(row.cells[1]) for row in rows] == [31 * 495, 28 * 495, 59 * 495, 31 * 495]
    assert all(value(row.cells[3]) == pytest.approx(0.10) for row in rows)
    greys = [row.cells[3] for row in (january, february)]
    assert [(one.mark, one.muted) for one in greys if isinstance(one, ReportFigure)] == [
        ("春", True)
    ] * 2
    assert both.is_sum
    assert value(march.cells[4]) == pytest.approx(0)  # 495 a day against January and February


def test_the_running_month_is_in_no_table_of_months() -> None:
    """A daily report of 20 October has the months to September in its workbook."""
    values = measured(*two_years(), PLAN, on="2026-10-20")
    sheets = ReportBuilder(values, "en").report().sheets

    months = next(one for one in sheets if one.sheet == "Months")

    assert months.rows[-1].cells[0] == Day(date(2026, 9, 1), by_month=True)


def test_march_compares_the_days_around_the_first_lunar_day() -> None:
    """2 February to 19 March 2026 against 14 January to 28 February 2025: 495 against 450."""
    assert FIRST_DAYS[2026] == date(2026, 2, 17)
    assert FIRST_DAYS[2025] == date(2025, 1, 29)

    text = plain_text(page("2026-03-31"))

    assert "first lunar day (2025-01-29, 2026-02-17)" in text
    assert "30 after: +10.0 % on last year" in text
    assert "first lunar day" not in plain_text(page("2026-04-30"))


def test_february_waits_for_the_days_after_the_festival() -> None:
    """30 days after 17 February are over on 19 March."""
    found = [one.value for one in page("2026-02-28").quantities()]

    assert AbsenceReason(Why.RUNNING) in found


def test_a_month_tells_the_way_of_the_deviation_and_the_days_that_met_their_plan() -> None:
    """October: 165,000 · 0.08 / 31 = 425.8 a day are planned and 495 handled, on each day.

    By 30 September 74 % are planned and 273 · 495 handled: +13,035; by 31 October 82 % and
    304 · 495: +15,180.
    """
    text = plain_text(page("2026-10-31"))

    assert "went from 13,035 to 15,180 TEU; 31 of 31 days met their plan" in text


def test_a_week_stands_against_the_whole_week_before() -> None:
    """Seven days of 495 after seven of 450."""
    held = [*days("2026-01-01", "2026-11-15", LAST_YEAR), *days("2026-11-16", "2026-11-22")]
    values = measured(*held, PLAN, kind=ReportKind.WEEKLY, on="2026-11-18")
    report = ReportBuilder(values, "en").report()

    assert value(report.heads[0].value) == 7 * 495
    text = plain_text(report)
    assert "a day, on week" in text
    assert "+10.0 %" in text


def test_working_days_without_a_move_are_named() -> None:
    held = [*days("2026-01-01", "2026-08-20"), *days("2026-08-23", "2026-11-25")]

    text = plain_text(ReportBuilder(measured(*held, PLAN), "en").report())

    assert "2 working days without a move, which comparisons include: 21 Aug; 22 Aug" in text


def test_every_kpi_is_in_a_report_or_in_the_list_of_those_that_are_not() -> None:
    """The builders' port has two years, and its zone late, due and met milestones."""
    zone = [
        project("p1", signed="2026-03-01", stages=[(Stage.IN_PRODUCTION, "2026-10-01")]),
        project("p2", milestones=[("a", "2026-09-01", None), ("b", "2026-11-05", None)]),
    ]
    shown: set[str] = set()
    for kind in ReportKind:
        values = measured(*two_years("2026-11-30"), PLAN, *zone, kind=kind, on="2026-10-20")
        report = ReportBuilder(values, "en").report()
        shown |= {str(one.kpi.series) for one in report.quantities()}
    alone = ReportBuilder(measured(*zone, owners=Owners(None, BOOK.zone)), "en").report()
    shown |= {str(one.kpi.series) for one in alone.quantities()}
    listed = {str(kpi.series) for kpi in UNREPORTED}

    assert shown | listed == set(KPIS)
    assert not shown & listed
