"""The daily page: its figures, each with a KPI, and what it says when a day is not whole."""

from datetime import date
from typing import get_args

import pytest
from msgspec.structs import replace

from contract.events import Stage, TargetSet
from contract.snapshots import Snapshot
from kpis.catalogue import KPIS
from kpis.past.all_owners import PastOfOwners
from kpis.plan.progress import Outlook
from kpis.zone import investment
from kpis.zone.investment import INVESTMENT
from reports.forms.plain_text import plain_text
from reports.measuring.report_values import Owners, ReportMeasuring
from reports.pages.report_builder import ReportBuilder
from reports.pages.zone_figures import ZoneFigures
from reports.period import Period, ReportKind
from reports.reason import AbsenceReason, Why
from reports.tree import Curve, Lang, NumberForm, ReportFigure, ReportTree, Table
from reports.values import AlertSpan, ReportValues
from tests.unit.kpis.builders import BOOK, day, project
from tests.unit.reports.port_of_years import PLAN, days, measured, two_years

PORT_ALONE = Owners(BOOK.area[0], None)
ZONE_ALONE = Owners(None, BOOK.zone)
LANGS: tuple[Lang, ...] = get_args(Lang)


def page(values: ReportValues, lang: Lang = "en") -> ReportTree:
    return ReportBuilder(values, lang).report()


def heads(report: ReportTree) -> dict[str, float | AbsenceReason]:
    return {head.label: head.value.value for head in report.heads}


def test_the_heads_are_day_month_year_and_forecast() -> None:
    """495 a day: 25 days of November are 12,375, the 329 days since 1 January 162,855.

    The plan asks for 82 % by the end of October and for 25/30 of the 8 % of November on top; the
    run-rate is 162,855 divided by that share.
    """
    report = page(measured(*two_years(), PLAN))

    found = heads(report)

    share = 0.82 + 0.08 * 25 / 30
    assert found["Day"] == 495
    assert found["November to date"] == 12_375
    assert found["Year to date"] == 162_855
    assert found["Forecast, year"] == pytest.approx(162_855 / share)
    text = plain_text(report)
    assert "of plan 440" in text  # 165,000 · 0.08 / 30
    assert "112.5 %" in text  # 495 / 440


def test_every_figure_has_a_kpi_of_the_catalogue() -> None:
    report = page(measured(*two_years(), PLAN, project("p1")))

    assert {str(one.kpi.series) for one in report.quantities()} <= set(KPIS)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", list(ReportKind))
def test_both_languages_show_the_same_figures(kind: ReportKind, lang: Lang) -> None:
    values = measured(*two_years("2026-11-30"), PLAN, project("p1"), kind=kind, on="2026-10-20")

    shown, other = ([*page(values, one).quantities()] for one in (lang, LANGS[0]))

    def facts(found: list[ReportFigure]) -> set[object]:
        return {(str(one.kpi.series), one.labels, one.span, one.value) for one in found}

    assert facts(shown) == facts(other)


def test_terminals_and_groups_of_classes_add_up_on_paper() -> None:
    """330.33 + 165.17 is 495.5, which is 496 on paper: 330 + 166 or 331 + 165."""
    held = [*days("2026-01-01", "2026-11-24"), *days("2026-11-25", "2026-11-25", 330.335)]
    report = page(measured(*held, PLAN))
    tables = {one.title: one for one in report.blocks() if hasattr(one, "rows")}

    rows = tables["By terminal"].rows
    shown = [row.cells[1] for row in rows]

    assert all(isinstance(one, ReportFigure) for one in shown)
    parts = [one.shown for one in shown[:-1] if isinstance(one, ReportFigure)]
    assert sum(part or 0 for part in parts) == 496


def test_a_silent_terminal_makes_the_day_doubtful_and_compares_nothing() -> None:
    """THW has no move on the 25th; to-date figures end on the 24th: 24 · 495."""
    held = [
        one for one in two_years() if not (one.terminal == "THW" and one.on == date(2026, 11, 25))
    ]
    report = page(measured(*held, PLAN))

    assert report.warning == "Not whole: on 25\u00a0Nov West has no move since 00:00."
    assert heads(report)["November to date (24\u00a0Nov)"] == 24 * 495
    values = [
        cell.value
        for _, run in report.heads[0].rows
        for cell in run
        if isinstance(cell, ReportFigure)
    ]
    assert values == [AbsenceReason(Why.DAY_NOT_WHOLE, "2026-11-25")] * 3
    assert "compared with neither plan nor last year" in plain_text(report)


def test_a_terminal_that_has_not_worked_for_28_days_makes_no_day_doubtful() -> None:
    held = [one for one in two_years() if one.terminal == "THE" or one.on < date(2026, 10, 1)]

    assert page(measured(*held, PLAN)).warning == ""


def test_a_terminal_may_rest_as_long_as_on_another_of_the_last_28_days() -> None:
    """THW ends at 20:00 on the 20th and on the 25th: three empty hours are usual for it then."""
    held = [
        day(one.on.isoformat(), *one.classes, terminal=one.terminal, hour=20)
        if one.terminal == "THW" and one.on in (date(2026, 11, 20), date(2026, 11, 25))
        else one
        for one in two_years()
    ]
    usual = [one for one in held if one.on != date(2026, 11, 20) or one.terminal == "THE"]
    usual += days("2026-11-20", "2026-11-20")

    assert page(measured(*held, PLAN)).warning == ""
    assert "West has no move since 21:00" in page(measured(*usual, PLAN)).warning


def test_a_day_without_moves_is_no_zero() -> None:
    report = page(measured(*two_years("2026-11-24"), PLAN))

    assert heads(report)["Day (not whole)"] == AbsenceReason(Why.NO_MOVE)
    assert report.warning == "Not whole: no move is booked on 25\u00a0Nov."


def test_a_closed_day_without_moves_is_whole() -> None:
    closed = {"closed": frozenset([date(2026, 11, 25)])}

    report = page(measured(*two_years("2026-11-24"), PLAN, port=closed))

    assert report.warning == ""


def test_a_forecast_from_history_has_its_band_in_the_heads_and_in_the_chart() -> None:
    """178,000 of 165,000 are 13,000 ahead; the band of 80 % goes from 10,000 to 16,000."""
    past = PastOfOwners(BOOK)
    records: tuple[Snapshot | TargetSet, ...]
    records = (*days("2024-01-01", "2024-12-31"), *two_years(), PLAN)
    for one in records:
        past.take(one)
    bounds = (("0.80", "lower", 175_000.0), ("0.80", "upper", 181_000.0))
    period = Period.of(ReportKind.DAILY, date(2026, 9, 25))
    measuring = ReportMeasuring(
        BOOK, past, period, lambda bases: [Outlook(178_000.0, bounds) for _ in bases]
    )

    report = page(measuring.values(PORT_ALONE))

    assert heads(report)["Forecast, year"] == 178_000
    assert "175k–181k" in plain_text(report)
    curve = next(one for one in report.blocks() if isinstance(one, Curve))
    assert curve.end == 13_000
    assert curve.bands == ((10_000, 16_000),)
    assert len(curve.now) == 268  # 25 September is day 268 of 2026


def test_without_a_plan_the_page_keeps_its_order_and_says_so() -> None:
    report = page(measured(*two_years(), owners=PORT_ALONE))
    text = plain_text(report)

    assert "No plan is set for the year" in text
    assert "No target is set." in text
    assert heads(report)["Forecast, year"] == AbsenceReason(Why.NO_PLAN)
    assert text.index("By terminal") < text.index("By class") < text.index("Targets")


@pytest.mark.parametrize("on", ["2026-01-01", "2026-01-05", "2026-06-01", "2024-02-29"])
@pytest.mark.parametrize("kind", list(ReportKind))
def test_each_row_of_a_table_has_its_columns_also_where_day_month_and_year_agree(
    on: str, kind: ReportKind
) -> None:
    """In January month and year are the same days; 1 to 7 June 2026 are a week of the month."""
    held = [*days("2023-01-01", "2026-06-30")]
    report = page(measured(*held, PLAN, on=on, kind=kind, owners=PORT_ALONE))

    tables = [*(one for one in report.blocks() if isinstance(one, Table)), *report.sheets]
    assert len(tables) > 2
    for table in tables:
        assert {len(row.cells) for row in table.rows} <= {len(table.columns)}, table.title


def test_without_projects_prometheus_or_a_forecast_each_block_says_so_in_its_place() -> None:
    """On 5 January 5/31 of 10 % are planned, which is too little for a run-rate."""
    held = [*days("2025-01-01", "2026-01-05")]
    report = page(measured(*held, PLAN, on="2026-01-05"))
    text = plain_text(report)

    assert report.heads[3].value.value == AbsenceReason(Why.NO_FORECAST)
    assert "no forecast yet" in text
    assert "Not known: no Prometheus answers." in text
    assert "Projects by stage" not in text
    assert text.index("By terminal") < text.index("Targets") < text.index("Alerts")


def test_a_project_counts_on_the_day_on_which_it_is_signed_and_not_the_day_before() -> None:
    """Two projects, signed on 24 and 25 November; the day's report of the 25th has one more."""
    held = [project("p1", signed="2026-11-24"), project("p2", signed="2026-11-25")]

    day_before, on_day = (
        ZoneFigures(values.zone, values.period)
        for values in (
            measured(*held, on=on, owners=ZONE_ALONE) for on in ("2026-11-24", "2026-11-25")
        )
        if values.zone
    )

    signed = INVESTMENT[investment.at_stage]
    for figures, number in ((day_before, 1), (on_day, 2)):
        assert figures.of(signed, NumberForm.COUNT, stage="signed").value == number
        assert figures.more(signed, NumberForm.COUNT, stage="signed").value == 1


def test_a_milestone_is_late_on_the_day_after_it_was_due() -> None:
    due = project("p1", milestones=[("completed", "2026-11-25", None)])

    late = [
        values.zone.late
        for values in (
            measured(due, on=on, owners=ZONE_ALONE) for on in ("2026-11-25", "2026-11-26")
        )
        if values.zone
    ]

    assert [len(one) for one in late] == [0, 1]


def test_a_zone_alone_has_projects_in_its_heads() -> None:
    """Two projects of 100 and 300 million; one milestone was due 20 days before the 26th."""
    held = [
        project("p1", signed="2026-03-01", stages=[(Stage.IN_PRODUCTION, "2026-09-01")]),
        project(
            "p2",
            yuan=300_000_000,
            signed="2026-05-01",
            milestones=[("completed", "2026-11-06", None)],
        ),
    ]
    report = page(measured(*held, owners=ZONE_ALONE))

    found = heads(report)

    assert found["Projects signed in 2026"] == 2
    assert found["In production"] == 1
    assert found["Milestones late"] == 1
    assert "p2 completed 20 d" in plain_text(report)


@pytest.mark.parametrize(("lang", "teu"), [("en", "TEU"), ("zh", "标箱")])
def test_the_foot_of_a_zone_alone_says_nothing_of_containers(lang: Lang, teu: str) -> None:
    assert teu in page(measured(*two_years()), lang).foot
    assert teu not in page(measured(project("p1"), owners=ZONE_ALONE), lang).foot


def test_neither_owner_is_an_error() -> None:
    with pytest.raises(ValueError, match="port area or a zone"):
        page(measured(owners=Owners(None, None)))


def test_alerts_of_one_name_stand_together() -> None:
    since = date(2026, 10, 19)
    fired = tuple(
        AlertSpan("MilestoneLate", "warning", (("project", code), ("zone", "haimen")), since)
        for code in ("p1", "p2")
    )
    values = replace(measured(*two_years(), PLAN), alerts=fired)

    assert "Warning  Milestones late, 2: p1; p2, since 19 Oct" in plain_text(page(values))
