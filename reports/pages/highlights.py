"""What a week or a month brought, by rules over its figures."""

from datetime import date

from msgspec.structs import replace

from kpis.model.spring_festival import FIRST_DAYS
from kpis.port import handled, pacing
from kpis.port.throughput import LATEST, THROUGHPUT
from reports import compare
from reports.compare import Compared
from reports.language.language import ReportLanguage
from reports.pages.port_figures import PortFigures
from reports.period import DAY, ReportKind, Span, year_to
from reports.reason import AbsenceReason, Why
from reports.tree import Against, Lines, NumberForm, ReportFigure, Run, Words

FESTIVAL = -15, 30
"""Days around the first lunar day that are compared: before and after it."""
NAMED = 6


def highlights(figures: PortFigures, language: ReportLanguage) -> Lines:
    """Return the way of the deviation, the best and worst day, terminals, and the festival."""
    lines = [
        *_deviation(figures, language),
        *_extremes(figures, language),
        *_terminals(figures, language),
        *_festival(figures, language),
    ]
    return Lines(language.words.highlights, tuple(lines))


def days_without_a_move(figures: PortFigures, language: ReportLanguage) -> list[Run]:
    """Return the working days of the year that have no move, which comparisons include."""
    port, begin = figures.port, figures.port.begin
    if begin is None:
        return []
    found = [
        on
        for on in figures.year.each()
        if on >= begin and on not in port.closed and not any(port.days.get(on, {}).values())
    ]
    if not found:
        return []
    named = [language.short_day(on) for on in found[:NAMED]]
    more = language.words.and_others if len(found) > NAMED else ""
    about = Words(language.joined(named) + more)
    count = figures.of(LATEST[handled.day], figures.year, float(len(found)), NumberForm.COUNT)
    return [language.fill(language.words.no_move_line, count=count, days=about)]


def _deviation(figures: PortFigures, language: ReportLanguage) -> list[Run]:
    first, span = figures.span.first, figures.span
    before, after = (_gap(figures, on) for on in (first - DAY, figures.until))
    days = [on for on in span.each() if figures.port.plan(Span(on, on)) is not None]
    if before is None or after is None or not days:
        return []
    met = sum(
        figures.port.teu(Span(on, on)) >= (figures.port.plan(Span(on, on)) or 0.0) for on in days
    )
    count = figures.of(
        LATEST[handled.day], span, float(met), NumberForm.COUNT, against=Against.PLAN
    )
    return [
        language.fill(
            language.words.deviation_line,
            before=before,
            after=replace(after, strong=True),
            met=count,
            days=Words(str(len(days))),
        )
    ]


def _gap(figures: PortFigures, on: date) -> ReportFigure | None:
    """The gap at the end of a day, written with the sign of the chart: behind is negative."""
    year = year_to(on)
    plan = figures.port.plan(year)
    if on.year != figures.port.year or plan is None:
        return None
    value = plan - figures.port.teu(year)
    return figures.of(THROUGHPUT[pacing.gap], year, value, NumberForm.TEU, shown=-value)


def _extremes(figures: PortFigures, language: ReportLanguage) -> list[Run]:
    best, worst = figures.extremes(figures.span)
    if best is None or worst is None:
        return []
    return [
        language.fill(
            language.words.extremes_line,
            best_day=Words(language.short_day(best.last)),
            best=figures.teu(best, strong=True),
            worst_day=Words(language.short_day(worst.last)),
            worst=figures.teu(worst, strong=True),
        )
    ]


def _terminals(figures: PortFigures, language: ReportLanguage) -> list[Run]:
    """The terminals that grew most and least this year, if last year is known."""
    names = figures.port.terminals
    found = {code: figures.on_year(figures.year, code, strong=True) for code in names}
    known = [code for code, one in found.items() if one.number is not None]
    if len(known) < 2:
        return []
    known.sort(key=lambda code: found[code].number or 0.0)
    least, most = known[0], known[-1]
    return [
        language.fill(
            language.words.terminals_line,
            least=Words(language.name(names[least])),
            least_growth=found[least],
            most=Words(language.name(names[most])),
            most_growth=found[most],
        )
    ]


def _festival(figures: PortFigures, language: ReportLanguage) -> list[Run]:
    """In February and March: the days around the first lunar day against those of last year."""
    until = figures.until
    is_due = figures.period.kind is ReportKind.MONTHLY and until.month in (2, 3)
    now, then = (FIRST_DAYS.get(year) for year in (until.year, until.year - 1))
    if not figures.port.festival or not is_due or now is None or then is None:
        return []
    spans = [Span(on + FESTIVAL[0] * DAY, on + FESTIVAL[1] * DAY) for on in (now, then)]
    value: Compared = AbsenceReason(Why.RUNNING)
    if spans[0].last <= until:
        value = compare.growth(figures.port, spans[0], spans[1])
    growth = figures.of(
        THROUGHPUT[handled.ytd],
        spans[0],
        value,
        NumberForm.CHANGE,
        against=Against.FESTIVAL_BEFORE,
        strong=True,
    )
    return [
        language.fill(
            language.words.festival_line,
            then=Words(then.isoformat()),
            now=Words(now.isoformat()),
            growth=growth,
        )
    ]
