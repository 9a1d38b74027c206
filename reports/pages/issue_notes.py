"""What an issued report says of itself: its edition, what it revises, and people's remarks."""

from urllib.parse import urlencode

from kpis.target import target_book
from kpis.target.target_book import TARGETS
from kpis.zone import investment
from kpis.zone.investment import INVESTMENT
from reports.issuing.revisions import GOAL
from reports.language.language import ReportLanguage
from reports.pages.notes import cut
from reports.pages.port_figures import DAY_TEU, YEAR_TEU
from reports.tree import (
    Against,
    Day,
    Lines,
    NumberForm,
    ReportFigure,
    Row,
    Run,
    Table,
    TableColumn,
    Words,
)
from reports.values import ReportValues, Revision

ON_PAPER = 3
"""As many revisions and remarks are on a page; the workbook has all revisions."""
REMARK_LENGTH = 60


def stamp(values: ReportValues, language: ReportLanguage) -> str:
    """Return how far the figures reach, and when they were issued."""
    words, issue = language.words, values.issue
    day = language.short_day(values.period.last)
    if issue is None:
        return language.plain(words.stamp, day=day)
    names = words.editions
    named = issue.edition <= len(names)
    return language.plain(
        words.stamp_issued,
        day=day,
        on=language.short_day(issue.on),
        clock=issue.clock,
        edition=names[issue.edition - 1] if named else str(issue.edition),
    )


def warning(why: str, values: ReportValues, language: ReportLanguage) -> str:
    """Return why figures are doubtful, and whether a new edition follows."""
    words, issue = language.words, values.issue
    if issue is None:
        return why
    said = " ".join(part for part in (why, words.warn_unread if issue.unread else "") if part)
    return language.plain(words.provisional, why=said) if issue.provisional else said


def remarks(values: ReportValues, language: ReportLanguage) -> list[Lines]:
    """Return the newest remarks on the period's days; [] without any."""
    if not values.remarks:
        return []
    words = language.words
    lines = [
        language.fill(
            words.remark_line,
            on=Words(language.short_day(one.on)),
            text=Words(cut(language.name(one.text), REMARK_LENGTH)),
            by=Words(cut(one.by)),
        )
        for one in sorted(values.remarks, key=lambda one: (one.on, one.about))[-ON_PAPER:]
    ]
    return [Lines(words.remarks, tuple(lines))]


def revision_lines(values: ReportValues, language: ReportLanguage) -> list[Lines]:
    """Return the first revisions as sentences; [] without any."""
    found = values.revisions
    if not found:
        return []
    lines = [_sentence(one, values, language) for one in found[:ON_PAPER]]
    if len(found) > ON_PAPER:
        more = language.plain(language.words.more_revisions, count=str(len(found) - ON_PAPER))
        lines.append((Words(more, muted=True),))
    return [Lines(language.words.revisions, tuple(lines))]


def revision_table(values: ReportValues, language: ReportLanguage) -> list[Table]:
    """Return all revisions as a table of the workbook; [] without any."""
    words = language.words
    rows = []
    for one in values.revisions:
        then, now = _figures(one, values, language)
        about = words.sum if one.span.days > 1 else _terminal(one, values, language)
        if one.target:
            about = _target(one, values, language)
        if one.stage:
            about = _stage(one, language)
        rows.append(Row((Day(one.span.last), Words(about), then, now, Words(_why(one, language)))))
    columns = (
        TableColumn(words.day, "l"),
        TableColumn(words.about, "l"),
        TableColumn(words.revised_then),
        TableColumn(words.revised_now),
        TableColumn(words.why, "l"),
    )
    return [Table(words.revisions, columns, tuple(rows), words.sheet_revisions)] if rows else []


def _sentence(one: Revision, values: ReportValues, language: ReportLanguage) -> Run:
    words = language.words
    then, now = _figures(one, values, language)
    on, why = Words(language.short_day(one.span.last)), Words(_why(one, language))
    if one.target:
        target = Words(_target(one, values, language))
        return language.fill(words.revision_target, target=target, then=then, now=now, why=why)
    if one.stage:
        stage = Words(_stage(one, language))
        return language.fill(
            words.revision_projects, on=on, stage=stage, then=then, now=now, why=why
        )
    if one.span.last.year < values.period.last.year and not one.terminal:
        year = Words(str(one.span.last.year))
        return language.fill(words.revision_last_year, year=year, then=then, now=now)
    if not one.terminal:
        return language.fill(words.revision_year, on=on, then=then, now=now)
    terminal = Words(_terminal(one, values, language), link=_explanation(one, values, language))
    return language.fill(words.revision_day, on=on, terminal=terminal, then=then, now=now, why=why)


def _explanation(one: Revision, values: ReportValues, language: ReportLanguage) -> str:
    """Return the address of what changed a terminal's day, or "" without a web page."""
    if not values.explanation:
        return ""
    asked = {
        "lang": language.lang,
        "area": values.port.code if values.port else "",
        "period": one.span.last.isoformat(),
        "terminal": one.terminal,
    }
    return f"{values.explanation}&{urlencode(asked)}"


def _figures(
    one: Revision, values: ReportValues, language: ReportLanguage
) -> tuple[ReportFigure, ReportFigure]:
    """The figure as the earlier issue had it, and as it is now."""
    if one.target:
        labels = tuple(zip(TARGETS.by, one.target, strict=True))
        unit = _names(one, values).get("unit", "")
        _, scale = language.unit(unit)

        def amount(value: float, against: Against) -> ReportFigure:
            return ReportFigure(
                GOAL, labels, one.span, value, NumberForm.AMOUNT, against,
                shown=value / scale, digits=0 if value % scale == 0 else 1, unit=unit,
            )  # fmt: skip

        return amount(one.then, Against.EARLIER), amount(one.now, Against.NOTHING)
    if one.stage:
        of_projects = INVESTMENT[investment.stage_yuan if one.is_amount else investment.at_stage]
        form = NumberForm.YUAN if one.is_amount else NumberForm.COUNT
        named = (("zone", values.zone.code if values.zone else ""), ("stage", one.stage))
        return (
            ReportFigure(of_projects, named, one.span, one.then, form, Against.EARLIER),
            ReportFigure(of_projects, named, one.span, one.now, form, strong=True),
        )
    area = values.port.code if values.port else ""
    labels = (("port_area", area), *((("terminal", one.terminal),) if one.terminal else ()))
    kpi = DAY_TEU if one.terminal else YEAR_TEU
    return (
        ReportFigure(kpi, labels, one.span, one.then, NumberForm.TEU, Against.EARLIER),
        ReportFigure(kpi, labels, one.span, one.now, NumberForm.TEU, strong=True),
    )


def _why(one: Revision, language: ReportLanguage) -> str:
    said = language.words.revision_causes
    return language.joined(
        language.plain(said[cause.why], count=str(cause.events)) for cause in one.causes
    )


def _terminal(one: Revision, values: ReportValues, language: ReportLanguage) -> str:
    names = values.port.terminals if values.port else {}
    return cut(language.name(names[one.terminal])) if one.terminal in names else one.terminal


def _stage(one: Revision, language: ReportLanguage) -> str:
    """What a revision of projects is about: a stage, and whether their number or amount."""
    words = language.words
    template = words.revised_amount if one.is_amount else words.revised_projects
    return language.plain(template, stage=words.stages.get(one.stage, one.stage))


def _target(one: Revision, values: ReportValues, language: ReportLanguage) -> str:
    names = _names(one, values)
    return cut(names.get("name_zh" if language.lang == "zh" else "name_en", one.target[1]))


def _names(one: Revision, values: ReportValues) -> dict[str, str]:
    kpi = TARGETS[target_book.named]
    for labels in values.targets.selected(kpi):
        if labels[: len(one.target)] == one.target:
            return dict(zip(kpi.labels, labels, strict=True))
    return {}
