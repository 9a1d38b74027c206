"""The sentence at the head of a report, by rules over its figures."""

from msgspec.structs import replace

from kpis.port import pacing
from kpis.port.throughput import THROUGHPUT
from kpis.zone import investment, milestones
from kpis.zone.investment import INVESTMENT
from reports.language.language import ReportLanguage
from reports.pages.port_figures import PortFigures
from reports.pages.zone_figures import ZoneFigures
from reports.period import ReportKind, Span, month_end
from reports.reason import AbsenceReason, Why
from reports.tree import NumberForm, ReportFigure, Run, Words
from reports.wholeness import silences


def port_lead(figures: PortFigures, language: ReportLanguage) -> Run:
    """Return what the period came to, where the year stands, and where it leads."""
    words = language.words
    if not figures.whole:
        return language.fill(
            words.lead_not_whole,
            teu=figures.teu(figures.day, strong=True),
            last=Words(language.short_day(figures.until)),
        )
    return (*_period(figures, language), *_year(figures, language), *_need(figures, language))


def zone_lead(figures: ZoneFigures, language: ReportLanguage) -> Run:
    """Return what was signed this year, and what is late."""
    year = str(figures.span.last.year)
    late = figures.of(INVESTMENT[milestones.milestones_overdue], NumberForm.COUNT)
    if isinstance(late.value, AbsenceReason):
        return (Words(language.words.no_projects),)
    return language.fill(
        language.words.lead_zone,
        signed=figures.of(INVESTMENT[investment.signed], NumberForm.COUNT, tier="100M", year=year),
        committed=figures.of(INVESTMENT[investment.committed], NumberForm.YUAN, year=year),
        late=late,
    )


def warning(figures: PortFigures, language: ReportLanguage) -> str:
    """Return why the figures of the last day are doubtful; empty if they are not."""
    words, port = language.words, figures.port
    if figures.whole:
        return ""
    day = language.short_day(figures.period.last)
    if figures.empty:
        return language.plain(words.warn_no_move, day=day)
    found = [
        language.plain(
            words.warn_silent,
            terminal=language.name(port.terminals[one.terminal]),
            hour=f"{one.since:02}:00",
        )
        for one in silences(port, figures.period)
    ]
    return language.plain(words.warn_not_whole, day=day, terminals=language.joined(found))


def _period(figures: PortFigures, language: ReportLanguage) -> Run:
    words, kind = language.words, figures.period.kind
    span, planned = figures.day, figures.day
    template = words.lead_day
    if kind is not ReportKind.DAILY:
        span = planned = figures.span
        template = words.lead_week if kind is ReportKind.WEEKLY else words.lead_month
    if kind is ReportKind.MONTHLY:
        planned = Span(span.first, month_end(span.first))
    if figures.of_plan(span, planned).number is None:
        template = words.lead_without_plan
    return language.fill(
        template,
        month=Words(language.month_name(span.first)),
        teu=figures.teu(span, strong=True),
        share=figures.of_plan(span, planned),
    )


def _year(figures: PortFigures, language: ReportLanguage) -> Run:
    words = language.words
    gap = figures.reading(THROUGHPUT[pacing.gap], NumberForm.TEU, Why.NO_PLAN, strong=True)
    forecast = figures.forecast(form=NumberForm.TEU_SHORT)
    if gap.number is None:
        return ()
    template = words.lead_behind if gap.number > 0 else words.lead_ahead
    run = language.fill(template, gap=_magnitude(gap))
    if forecast.number is None:
        return run
    short = figures.reading(
        THROUGHPUT[pacing.shortfall], NumberForm.TEU_SHORT, Why.NO_FORECAST, strong=True
    )
    ends = words.lead_short if short.number else words.lead_reaches
    return (*run, *language.fill(ends, forecast=forecast, short=short))


def _need(figures: PortFigures, language: ReportLanguage) -> Run:
    """What is needed a day from now on, if the forecast falls short."""
    words = language.words
    need = figures.reading(THROUGHPUT[pacing.required_per_day], NumberForm.TEU, Why.NO_PLAN)
    short = figures.reading(THROUGHPUT[pacing.shortfall], NumberForm.TEU, Why.NO_FORECAST)
    mean = figures.mean().number
    left = (figures.year.last.replace(month=12, day=31) - figures.until).days
    if not need.number or not short.number or not mean or not left:
        return ()
    times = figures.of(
        THROUGHPUT[pacing.required_per_day], figures.year, need.number / mean, NumberForm.TIMES
    )
    return language.fill(words.lead_need, days=Words(str(left)), need=need, times=times)


def _magnitude(gap: ReportFigure) -> ReportFigure:
    """The gap as it is said: behind and ahead are words, so that its sign falls away."""
    return replace(gap, shown=abs(gap.number or 0.0))
