"""The KPIs of signings: by quarter, by origin of capital, and their conversion to later stages."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from contract.events import Stage
from kpis.model.kpi import Labels
from kpis.zone.portfolio import STAGES, TIERS, Portfolio, SignedProject

DOMESTIC = "CN"
STEPS = {
    "signed_to_started": (Stage.SIGNED, Stage.CONSTRUCTION_START),
    "started_to_in_production": (Stage.CONSTRUCTION_START, Stage.IN_PRODUCTION),
    "signed_to_in_production": (Stage.SIGNED, Stage.IN_PRODUCTION),
}
"""Step -> the stages from and to which it leads."""


def quarter_signed(zone: Portfolio, at: datetime) -> dict[Labels, float]:
    """Projects signed, by tier and quarter of their first signing.

    Like `signed`, for periods other than a year.  Quarters add up (the first half of 2020 is
    2020-Q1 and 2020-Q2), tiers do not.
    """
    count: Counter[Labels] = Counter()
    for one in zone.state(at).signed:
        for tier, least in TIERS.items():
            count[tier, _quarter(one)] += one.card.yuan >= least
    return {labels: float(projects) for labels, projects in count.items()}


def quarter_committed(zone: Portfolio, at: datetime) -> dict[Labels, float]:
    """Yuan committed, by quarter of the project's first signing."""
    yuan: Counter[Labels] = Counter()
    for one in zone.state(at).signed:
        yuan[_quarter(one),] += one.card.yuan
    return {labels: float(amount) for labels, amount in yuan.items()}


def origin(zone: Portfolio, at: datetime) -> dict[Labels, float]:
    """Projects that are not terminated, by the origin of their capital: domestic or foreign.

    Every investor whose country is not CN is foreign, as in China's statistics; that includes HK,
    MO and TW.
    """
    return _by_origin(zone, at, lambda yuan: 1)


def origin_yuan(zone: Portfolio, at: datetime) -> dict[Labels, float]:
    """Yuan committed by projects that are not terminated, by origin: domestic or foreign.

    Foreign amounts are converted at the dated rate of their event, or of the book.
    """
    return _by_origin(zone, at, lambda yuan: yuan)


def park_yuan(zone: Portfolio, at: datetime) -> dict[Labels, float]:
    """Yuan of projects that are not terminated, by park; those without a park are left out."""
    yuan: dict[Labels, float] = {(park,): 0.0 for park in zone.parks}
    for card in zone.state(at).live:
        if card.park:
            yuan[card.park,] = yuan.get((card.park,), 0.0) + card.yuan
    return yuan


def conversion(zone: Portfolio, at: datetime) -> dict[Labels, float]:
    """Share of the projects at one stage that have reached a later one.

    signed → construction started → in production: projects that reached the second stage /
    projects that reached the first, from 0 to 1.  All projects ever signed count as signed; a
    terminated project counts in no later stage.  Absent while none has reached the first stage.
    """
    signed = zone.state(at).signed
    shares: dict[Labels, float] = {}
    for step, (begin, end) in STEPS.items():
        begun = len(signed) if begin is Stage.SIGNED else _reached(begin, signed)
        if begun:
            shares[step,] = _reached(end, signed) / begun
    return shares


def _quarter(one: SignedProject) -> str:
    """Return the quarter as `2020-Q2`, as the periods of published figures are written."""
    return f"{one.on.year}-Q{(one.on.month + 2) // 3}"


def _reached(stage: Stage, signed: tuple[SignedProject, ...]) -> int:
    further = STAGES[STAGES.index(stage) :]
    return sum(one.stage in further for one in signed)


def _by_origin(zone: Portfolio, at: datetime, weight: Callable[[int], int]) -> dict[Labels, float]:
    sums: dict[Labels, float] = {("domestic",): 0.0, ("foreign",): 0.0}
    for card in zone.state(at).live:
        sums["domestic" if card.country == DOMESTIC else "foreign",] += weight(card.yuan)
    return sums
