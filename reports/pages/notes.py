"""What stands at the end of a page in sentences: alerts, milestones, and the quality of data."""

from msgspec.structs import replace

from kpis.port import handled
from kpis.port.throughput import THROUGHPUT
from kpis.target import target_book
from kpis.target.target_book import TARGETS
from kpis.zone import data_quality, investment, milestones
from kpis.zone.investment import INVESTMENT
from reports.language.language import ReportLanguage
from reports.pages.highlights import days_without_a_move
from reports.pages.port_figures import PortFigures
from reports.pages.zone_figures import ZoneFigures
from reports.reason import AbsenceReason
from reports.tree import Lines, NumberForm, ReportFigure, Run, Words
from reports.values import AlertSpan, DatedMilestone, ReportValues

NAMED = 4
"""As many milestones are named; of more the number is given."""
NAME_LENGTH = 36
"""A longer name is cut on paper."""
OWNERS = ("zone", "port_area", "owner", "instance", "job")
"""Labels of an alert that a report of one owner need not repeat."""


def alerts(values: ReportValues, language: ReportLanguage) -> Lines:
    """Return the alerts that fired in the period, those of one name and severity together."""
    words, found = language.words, values.alerts
    if found is None:
        return Lines(words.alerts, ((Words(words.alerts_not_known, muted=True),),))
    if not found:
        return Lines(words.alerts, ((Words(words.no_alerts),),))
    groups: dict[tuple[str, str], list[AlertSpan]] = {}
    for one in sorted(found, key=lambda one: (one.severity, one.name, one.since, one.labels)):
        groups.setdefault((one.severity, one.name), []).append(one)
    lines: list[Run] = [
        language.fill(
            words.alert_line,
            severity=Words(words.severities.get(severity, severity), strong=True),
            name=Words(words.alert_names.get(name, name)),
            count=Words(str(len(same)), strong=True),
            about=Words(_abouts(same, values, language) or "–"),
            since=Words(language.short_day(same[0].since)),
        )
        for (severity, name), same in groups.items()
    ]
    if values.issue and not values.remarks:
        lines.append((Words(words.nothing_entered, muted=True),))
    return Lines(words.alerts, tuple(lines), words.sheet_alerts)


def _abouts(same: list[AlertSpan], values: ReportValues, language: ReportLanguage) -> str:
    """What some alerts are about: names of targets and projects, or else their labels."""
    said = [_about(dict(one.labels), values, language) for one in same[:NAMED]]
    more = language.words.and_others if len(same) > NAMED else ""
    return language.joined(one for one in dict.fromkeys(said) if one) + more


def _about(labels: dict[str, str], values: ReportValues, language: ReportLanguage) -> str:
    kpi = TARGETS[target_book.named]
    key = {name: labels[name] for name in TARGETS.by if name in labels}
    if len(key) == len(TARGETS.by):
        for found in values.targets.selected(kpi, **key):
            names = dict(zip(kpi.labels, found, strict=True))
            return cut(names["name_zh" if language.lang == "zh" else "name_en"])
    late = values.zone.late if values.zone else ()
    for milestone in late:
        if milestone.code == labels.get("project"):
            return _name(milestone, language)
    return cut(" ".join(value for name, value in labels.items() if name not in OWNERS))


def project_milestones(figures: ZoneFigures, language: ReportLanguage) -> Lines:
    """Return which milestones are late and due, and how many were met on time."""
    words, zone = language.words, figures.zone
    late = figures.of(INVESTMENT[milestones.milestones_overdue], NumberForm.COUNT)
    due = figures.of(INVESTMENT[milestones.due_soon], NumberForm.COUNT, window="30d")
    hit = figures.of(INVESTMENT[investment.milestone_hit], NumberForm.SHARE)
    year = str(figures.span.last.year)
    signed = figures.of(INVESTMENT[investment.signed], NumberForm.COUNT, tier="100M", year=year)
    if isinstance(late.value, AbsenceReason):
        return Lines(words.milestones, ((Words(words.no_projects),),))
    lines: list[Run] = [
        (*language.fill(words.late_line, count=_strong(late)), *_late(figures, language)),
        (*language.fill(words.due_line, count=_strong(due)), *_due(zone.due, language)),
        language.fill(words.hit_line, hit=_strong(hit), signed=_strong(signed)),
    ]
    return Lines(words.milestones, tuple(lines))


def data_of_port(figures: PortFigures, language: ReportLanguage) -> list[Run]:
    """Return what is said of the port's moves: how many, the last one, those without a size."""
    words, span = language.words, figures.span if figures.span.days > 0 else figures.day
    if figures.period.last not in (span.last,):
        span = figures.day
    moves, unsized = (
        figures.of(
            THROUGHPUT[formula], span, figures.moves(span, THROUGHPUT[formula]), NumberForm.COUNT
        )
        for formula in (handled.ytd_moves, handled.unsized)
    )
    last = figures.port.last_move or "–"
    return [
        language.fill(words.moves_line, moves=_strong(moves), last=Words(last, strong=True)),
        language.fill(words.unsized_line, unsized=_strong(unsized)),
    ]


def data_of_zone(figures: ZoneFigures, language: ReportLanguage) -> list[Run]:
    """Return how many projects have doubtful data."""
    orphans = figures.of(INVESTMENT[data_quality.orphans], NumberForm.COUNT)
    renamed = figures.of(INVESTMENT[data_quality.renamed], NumberForm.COUNT)
    if isinstance(orphans.value, AbsenceReason):
        return []
    return [
        language.fill(
            language.words.projects_line, orphans=_strong(orphans), renamed=_strong(renamed)
        )
    ]


def data_quality_lines(
    port: PortFigures | None, zone: ZoneFigures | None, language: ReportLanguage
) -> Lines:
    """Return what is said of the data of both owners."""
    lines = data_of_port(port, language) if port else []
    lines += days_without_a_move(port, language) if port else []
    lines += data_of_zone(zone, language) if zone else []
    return Lines(language.words.data_quality, tuple(lines))


def cut(name: str, length: int = NAME_LENGTH) -> str:
    """Return a name of other people, cut on paper."""
    return name if len(name) <= length else name[: length - 1].rstrip() + "…"


def _late(figures: ZoneFigures, language: ReportLanguage) -> Run:
    """The latest milestones, each with its days."""
    after, cells = figures.span.after, list[ReportFigure | Words]()
    for one in figures.zone.late[:NAMED]:
        days = float((after - one.due).days)
        kpi = INVESTMENT[milestones.late_milestone]
        cells += [
            Words(language.words.semicolon if cells else ""),
            Words(f"{_name(one, language)} "),
            _strong(figures.quantity(kpi, NumberForm.DAYS, days)),
        ]
    if len(figures.zone.late) > NAMED:
        cells.append(Words(language.words.and_others))
    return tuple(cells)


def _due(due: tuple[DatedMilestone, ...], language: ReportLanguage) -> Run:
    named = [f"{language.short_day(one.due)} {_name(one, language)}" for one in due[: NAMED - 2]]
    more = language.words.and_others if len(due) > NAMED - 2 else ""
    return (Words(language.words.semicolon.join(named) + more),)


def _name(one: DatedMilestone, language: ReportLanguage) -> str:
    stage = language.words.stages.get(one.milestone.replace(" ", "_"), one.milestone)
    return f"{cut(language.name(one.project))} {cut(stage)}"


def _strong(quantity: ReportFigure) -> ReportFigure:
    return replace(quantity, strong=True)
