"""The KPIs of a zone's projects: signed, committed, by stage, and late milestones.

Figures of a year count all projects signed in it, those terminated later included.  Figures of the
present portfolio leave terminated projects out.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from contract.events import Stage
from kpis.model.kpi import Family, Kpi, Labels, Unit, View
from kpis.zone import data_quality, milestones, signings
from kpis.zone.portfolio import STAGES, TIERS, Portfolio

_UP_TO: dict[Stage, tuple[Stage, ...]] = {
    stage: STAGES[: index + 1] for index, stage in enumerate(STAGES)
} | {Stage.TERMINATED: (Stage.TERMINATED,)}
"""Furthest stage of a project -> the stages in which it is counted."""


def signed(zone: Portfolio, at: datetime) -> dict[Labels, float]:
    """Projects signed, by the tiers that their amount reaches and the year of their first signing.

    Tiers are nested and never summed.  The amount is the present one, with increases.
    """
    count: Counter[Labels] = Counter()
    for one in zone.state(at).signed:
        for tier, least in TIERS.items():
            count[tier, str(one.on.year)] += one.card.yuan >= least
    return _floats(count)


def committed(zone: Portfolio, at: datetime) -> dict[Labels, float]:
    """Yuan committed, by year of the project's first signing.

    A capital increase adds its increment to the year in which the project was signed.
    """
    yuan: Counter[Labels] = Counter()
    for one in zone.state(at).signed:
        yuan[str(one.on.year),] += one.card.yuan
    return _floats(yuan)


def at_stage(zone: Portfolio, at: datetime) -> dict[Labels, float]:
    """Projects that have reached each stage or a later one.

    A funnel: stages are nested and never summed, and a regress does not lower a project's stage.
    Terminated projects are counted under `terminated` only.
    """
    return _funnel(zone, at, lambda yuan: 1)


def stage_yuan(zone: Portfolio, at: datetime) -> dict[Labels, float]:
    """Yuan of the projects that have reached each stage or a later one.

    A funnel: stages are nested and never summed.  Terminated projects are under `terminated` only.
    """
    return _funnel(zone, at, lambda yuan: yuan)


def cluster(zone: Portfolio, at: datetime) -> dict[Labels, float]:
    """Yuan committed by projects that are not terminated, by industrial cluster."""
    yuan = _zeros(zone.clusters)
    for card in zone.state(at).live:
        yuan[card.cluster,] += card.yuan
    return _floats(yuan)


def area(zone: Portfolio, at: datetime) -> dict[Labels, float]:
    """Yuan committed by projects that are not terminated, by functional area."""
    yuan = _zeros(zone.functional_areas)
    for card in zone.state(at).live:
        yuan[card.functional_area,] += card.yuan
    return _floats(yuan)


def park(zone: Portfolio, at: datetime) -> dict[Labels, float]:
    """Projects that are not terminated, by park; those without a park are left out."""
    count = _zeros(zone.parks)
    for card in zone.state(at).live:
        if card.park:
            count[card.park,] += 1
    return _floats(count)


def milestone_hit(zone: Portfolio, at: datetime) -> float | None:
    """Milestones met on time, as a share of those whose due date has passed.

    met on or before the due date / due before today, from 0 to 1, for the due date as planned now.
    Absent while none was due.
    """
    state = zone.state(at)
    hits = [due.met is not None and due.met <= due.on for due in state.due if due.on < state.today]
    return sum(hits) / len(hits) if hits else None


def _funnel(zone: Portfolio, at: datetime, weight: Callable[[int], int]) -> dict[Labels, float]:
    """Return stage -> sum of the weights of the projects that reached it or a later one."""
    sums = _zeros(Stage)
    for one in zone.state(at).signed:
        for stage in _UP_TO[one.stage]:
            sums[stage,] += weight(one.card.yuan)
    return _floats(sums)


def _zeros(values: Iterable[str]) -> Counter[Labels]:
    """Return 0 for each value, so that its series exists before there is anything to count."""
    return Counter({(str(value),): 0 for value in values})


def _floats(sums: Counter[Labels]) -> dict[Labels, float]:
    return {labels: float(amount) for labels, amount in sums.items()}


def _whole(zone: Portfolio, at: datetime) -> Iterator[tuple[Labels, Portfolio]]:
    yield (zone.zone,), zone


_SIGNED = ("tier", "year")
_TIER = ("tier",)
_STAGE = ("stage",)
_DUE = ("window",)
_ORIGIN = ("origin",)
_PLAN = ("plan",)

INVESTMENT = Family(
    "project",
    level="zone",
    by=("zone",),
    parts=_whole,
    source="ProjectRegistered, AmountChanged, StageReached, MilestonePlanned, MilestoneMet",
    kpis=(
        Kpi("signed", signed, Unit.PROJECTS, View.FIGURE, by=_SIGNED, adds_up=True, nested=_TIER),
        Kpi("committed", committed, Unit.YUAN, View.FIGURE, by=("year",), adds_up=True),
        Kpi("stage", at_stage, Unit.PROJECTS, View.BARS, by=_STAGE, adds_up=True, nested=_STAGE),
        Kpi("stage", stage_yuan, Unit.YUAN, View.BARS, by=_STAGE, adds_up=True, nested=_STAGE),
        Kpi("cluster", cluster, Unit.YUAN, View.BARS, by=("cluster",), adds_up=True),
        Kpi("area", area, Unit.YUAN, View.BARS, by=("functional_area",), adds_up=True),
        Kpi("park", park, Unit.PROJECTS, View.BARS, by=("park",), adds_up=True),
        Kpi(
            "late_milestone",
            milestones.late_milestone,
            Unit.SECONDS,
            View.TABLE,
            by=("project", "milestone"),
        ),
        Kpi(
            "milestones_due",
            milestones.due_soon,
            Unit.COUNT,
            View.FIGURE,
            by=_DUE,
            adds_up=True,
            nested=_DUE,
        ),
        Kpi(
            "milestones_overdue",
            milestones.milestones_overdue,
            Unit.COUNT,
            View.FIGURE,
            adds_up=True,
        ),
        Kpi("milestone_hit", milestone_hit, Unit.RATIO, View.FIGURE),
        Kpi(
            "milestones_met",
            milestones.milestones_met,
            Unit.COUNT,
            View.TABLE,
            by=("timing",),
            adds_up=True,
        ),
        Kpi(
            "worst_slip",
            milestones.worst_slip,
            Unit.SECONDS,
            View.TABLE,
            by=_PLAN,
            nested=_PLAN,
        ),
        Kpi(
            "quarter_signed",
            signings.quarter_signed,
            Unit.PROJECTS,
            View.TABLE,
            by=("tier", "quarter"),
            adds_up=True,
            nested=_TIER,
        ),
        Kpi(
            "quarter_committed",
            signings.quarter_committed,
            Unit.YUAN,
            View.TABLE,
            by=("quarter",),
            adds_up=True,
        ),
        Kpi("origin", signings.origin, Unit.PROJECTS, View.TABLE, by=_ORIGIN, adds_up=True),
        Kpi("origin", signings.origin_yuan, Unit.YUAN, View.TABLE, by=_ORIGIN, adds_up=True),
        Kpi("park", signings.park_yuan, Unit.YUAN, View.TABLE, by=("park",), adds_up=True),
        Kpi("conversion", signings.conversion, Unit.RATIO, View.TABLE, by=("step",)),
        Kpi("orphan", data_quality.orphans, Unit.PROJECTS, View.TABLE, adds_up=True),
        Kpi("renamed", data_quality.renamed, Unit.PROJECTS, View.TABLE, adds_up=True),
    ),
)
