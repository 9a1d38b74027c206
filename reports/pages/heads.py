"""The headline figures of a report: four, of which the year to date is the main one."""

from kpis.port import pacing
from kpis.port.throughput import THROUGHPUT
from kpis.zone import investment, milestones
from kpis.zone.investment import INVESTMENT
from reports.language.language import ReportLanguage
from reports.pages.port_figures import PortFigures
from reports.pages.zone_figures import ZoneFigures
from reports.period import ReportKind, Span, month_end
from reports.reason import AbsenceReason, Why
from reports.tree import Head, NumberForm, Run, Tag, Words

HeadRow = tuple[Run, Run]


def port_heads(figures: PortFigures, language: ReportLanguage) -> tuple[Head, ...]:
    """Return the period, the month or the mean day, the year, and the forecast of an area."""
    first = {ReportKind.DAILY: _day, ReportKind.WEEKLY: _week, ReportKind.MONTHLY: _month}[
        figures.period.kind
    ]
    second = _month if figures.period.kind is not ReportKind.MONTHLY else _mean_day
    heads = (first, second, _year, _forecast)
    if figures.period.kind is ReportKind.MONTHLY:
        heads = (_month, _year, _mean_day, _forecast)
    return tuple(head(figures, language) for head in heads)


def zone_heads(figures: ZoneFigures, language: ReportLanguage) -> tuple[Head, ...]:
    """Return projects signed and amount, those in production, and milestones of a zone."""
    words, year = language.words, str(figures.span.last.year)
    signed = figures.of(INVESTMENT[investment.signed], NumberForm.COUNT, tier="100M", year=year)
    committed = figures.of(INVESTMENT[investment.committed], NumberForm.YUAN, year=year)
    produced = figures.of(INVESTMENT[investment.at_stage], NumberForm.COUNT, stage="in_production")
    all_signed = figures.of(INVESTMENT[investment.at_stage], NumberForm.COUNT, stage="signed")
    late = figures.of(INVESTMENT[milestones.milestones_overdue], NumberForm.COUNT)
    due = figures.of(INVESTMENT[milestones.due_soon], NumberForm.COUNT, window="30d")
    hit = figures.of(INVESTMENT[investment.milestone_hit], NumberForm.SHARE)
    return (
        Head(
            language.plain(words.signed_in, year=year),
            signed,
            (((Words(words.committed),), (committed,)),),
            words.projects,
            is_main=True,
        ),
        Head(
            words.in_production,
            produced,
            (((Words(words.all_signed),), (all_signed,)),),
            words.projects,
        ),
        Head(words.late_milestones, late, (((Words(words.due_in_30_days),), (due,)),)),
        Head(words.met_on_time, hit, ()),
    )


def status_tag(code: float | None, language: ReportLanguage) -> Tag | None:
    """Return the word of a status, in a box that tells good from bad without colour."""
    if code is None:
        return None
    tones = ("good", "ok", "bad", "bad", "bad")
    return Tag(language.words.statuses[int(code)], tones[int(code)])  # type: ignore[arg-type]


def _day(figures: PortFigures, language: ReportLanguage) -> Head:
    words, day = language.words, figures.day
    rows: tuple[HeadRow, ...] = (
        (
            language.fill(words.of_day_plan, plan=figures.plan(day, muted=True)),
            (figures.of_plan(day, day, strong=True),),
        ),
        (
            language.fill(words.on_28_days, mean=figures.mean(muted=True)),
            (figures.on_mean(strong=True),),
        ),
        ((Words(words.same_day_last_year, muted=True),), (figures.on_year(day, strong=True),)),
    )
    label = words.the_day if figures.whole else words.the_day_not_whole
    return Head(label, figures.teu(day), rows, words.teu)


def _week(figures: PortFigures, language: ReportLanguage) -> Head:
    words, span = language.words, figures.span
    rows: tuple[HeadRow, ...] = (
        (
            language.fill(words.of_week_plan, plan=figures.plan(span, muted=True)),
            (figures.of_plan(span, span, strong=True),),
        ),
        ((Words(words.on_week, muted=True),), (figures.on_week(span, strong=True),)),
        ((Words(words.on_year, muted=True),), (figures.on_year(span, strong=True),)),
    )
    return Head(words.the_week, figures.teu(span), rows, words.teu)


def _month(figures: PortFigures, language: ReportLanguage) -> Head:
    words, month = language.words, figures.month
    whole = Span(month.first, month_end(month.first))
    rows: tuple[HeadRow, ...] = (
        (
            language.fill(words.of_month_plan, plan=figures.plan(whole, muted=True)),
            (figures.of_plan(month, whole, strong=True),),
        ),
        ((Words(words.on_year, muted=True),), (figures.on_year(month, strong=True),)),
        ((Words(words.on_month, muted=True),), (figures.on_month(month, strong=True),)),
    )
    label = language.month_head(figures.period, month, figures.whole)
    unit = words.teu if figures.period.kind is ReportKind.MONTHLY else ""
    return Head(label, figures.teu(month), rows, unit)


def _year(figures: PortFigures, language: ReportLanguage) -> Head:
    words, year = language.words, figures.year
    goal = figures.reading(
        THROUGHPUT[pacing.target], NumberForm.TEU_SHORT, Why.NO_PLAN, muted=True
    )
    whole = Span(year.first, year.first.replace(month=12, day=31))
    rows: tuple[HeadRow, ...] = (
        (
            language.fill(words.of_year_plan, goal=goal),
            (figures.of_plan(year, whole, strong=True),),
        ),
        (
            language.fill(words.pace, plan=figures.plan(year, muted=True)),
            (
                figures.reading(
                    THROUGHPUT[pacing.pace], NumberForm.SHARE, Why.NO_PLAN, strong=True
                ),
            ),
        ),
        ((Words(words.on_year, muted=True),), (figures.on_year(year, strong=True),)),
    )
    code = figures.reading(THROUGHPUT[pacing.status], NumberForm.COUNT, Why.NO_PLAN).number
    label = language.year_head(figures.period, year, figures.whole)
    return Head(label, figures.teu(year), rows, tag=status_tag(code, language), is_main=True)


def _mean_day(figures: PortFigures, language: ReportLanguage) -> Head:
    words, month = language.words, figures.month
    whole = Span(month.first, month_end(month.first))
    plan = figures.port.plan(whole)
    a_day = AbsenceReason(Why.NO_PLAN) if plan is None else plan / whole.days
    kpi = THROUGHPUT[pacing.plan_month]
    best, worst = figures.extremes(month)
    rows: tuple[HeadRow, ...] = (
        (
            (Words(words.planned_a_day, muted=True),),
            (figures.of(kpi, whole, a_day, NumberForm.TEU, strong=True),),
        ),
        *(
            (
                (Words(language.plain(label, day=language.short_day(found.last)), muted=True),),
                (figures.teu(found, strong=True),),
            )
            for label, found in ((words.best_day, best), (words.worst_day, worst))
            if found is not None
        ),
    )
    name = language.plain(words.mean_day_of_month, month=language.month_name(month.first))
    return Head(name, figures.per_day(month), rows)


def _forecast(figures: PortFigures, language: ReportLanguage) -> Head:
    words = language.words
    value = figures.forecast()
    short = figures.reading(
        THROUGHPUT[pacing.shortfall], NumberForm.TEU, Why.NO_FORECAST, strong=True
    )
    need = figures.reading(
        THROUGHPUT[pacing.required_per_day], NumberForm.TEU, Why.NO_PLAN, strong=True
    )
    low, high = figures.bounds("0.80", NumberForm.TEU_BAND, strong=True)
    band: Run = (low, Words("–", strong=True), high)
    if isinstance(low.value, AbsenceReason):
        band = (low,)
    rows: tuple[HeadRow, ...] = (
        ((Words(words.band_80, muted=True),), band),
        ((Words(words.short_by, muted=True),), (short,)),
        ((Words(words.needed_a_day, muted=True),), (need,)),
    )
    return Head(words.forecast, value, rows)
