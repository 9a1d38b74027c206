"""The values of a development zone, measured on its projects and published figures."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from contract.book import Zone
from contract.events import Label
from contract.snapshots import ProjectCard
from kpis.model.calendar import day_start
from kpis.model.kpi import Reading, measure
from kpis.zone.indicators import INDICATORS, IndicatorBook
from kpis.zone.investment import INVESTMENT
from kpis.zone.milestones import WINDOWS
from kpis.zone.portfolio import DueMilestone, Portfolio
from reports.period import Span
from reports.values import DatedMilestone, KpiReadings, ZoneValues

SOON_DAYS = WINDOWS["30d"]


def zone_readings(projects: Portfolio, figures: IndicatorBook, on: date) -> KpiReadings:
    """Return the readings of a zone when a day begins, without what is dated on that day."""
    at = moment_before(on, projects.tz)
    found: list[Reading] = []
    if projects.cards:
        found += measure(INVESTMENT, projects, at)
    return KpiReadings.of([*found, *measure(INDICATORS, figures, at)])


def zone_values(
    zone: Zone, projects: Portfolio, span: Span, read: list[KpiReadings]
) -> ZoneValues:
    """Return the values of a zone; `read` are those at the beginning and the end of the span."""
    state = projects.state(moment_before(span.after, projects.tz))
    cards = {card.project: card for card in projects.cards}

    def dated(due: DueMilestone, on: date) -> DatedMilestone:
        card = cards[due.project]
        return DatedMilestone(due.project, _project(card), _title(card, due.milestone), on)

    late = [dated(due, due.on) for due in state.due if due.is_late(state.today)]
    soon = [
        dated(due, due.on)
        for due in state.due
        if due.met is None and 0 <= (due.on - state.today).days <= SOON_DAYS
    ]
    met = [
        dated(due, due.met)
        for due in state.due
        if due.met is not None and span.first <= due.met <= span.last
    ]

    def order(one: DatedMilestone) -> tuple[date, str, str]:
        return one.due, one.project.en, one.milestone

    return ZoneValues(
        code=zone.code,
        name=zone.name,
        before=read[0],
        readings=read[1],
        late=tuple(sorted(late, key=order)),
        due=tuple(sorted(soon, key=order)),
        met=tuple(sorted(met, key=order)),
    )


def _project(card: ProjectCard) -> Label:
    plain = card.title or card.title_zh or card.project
    return Label(zh=card.title_zh or plain, en=plain)


def _title(card: ProjectCard, milestone: str) -> str:
    found = (line.title for line in card.milestones if line.milestone == milestone)
    return next(found, "") or milestone


def moment_before(on: date, tz: ZoneInfo) -> datetime:
    """Return the last second before a day begins.

    Projects know days only: what is dated on a day counts from its first second.
    """
    return datetime.fromtimestamp(day_start(on, tz) - 1, UTC)
