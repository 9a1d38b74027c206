"""The course of a simulated project from its signing on: stages, milestones, what slips."""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from msgspec.structs import replace

from contract.events import (
    Amount,
    AmountChanged,
    Milestone,
    MilestoneDate,
    MilestoneMet,
    MilestonePlanned,
    Money,
    Project,
    ProjectRegistered,
    Stage,
    StageDate,
    StageReached,
)
from producers.sources import Due

OFFICE_HOUR = time(10)  # the zone's office reports at ten, on the day after
YEAR = timedelta(365)
LEAST_BETWEEN = timedelta(14)  # two stages

STAGES = (
    # stage, days after signing, and how far they spread
    (Stage.REGISTERED, 40, 40),
    (Stage.FILED, 110, 90),
    (Stage.CONSTRUCTION_START, 230, 160),
    (Stage.COMPLETED, 640, 300),
    (Stage.IN_PRODUCTION, 1000, 120),
    (Stage.AT_CAPACITY, 1400, 200),
)
MILESTONES = {
    Stage.CONSTRUCTION_START: ("construction-start", "Construction starts", "开工"),
    Stage.COMPLETED: ("completion", "Construction completed", "竣工"),
    Stage.IN_PRODUCTION: ("production", "Production starts", "投产"),
}
"""Stages that are milestones of the plan -> their code, title and code in the zone's words."""

ON_TIME, SLIPPED = 0.72, 0.95  # of the milestones; the rest slips by more than a year
TERMINATED = 0.04  # of the projects: given up before construction starts
INCREASE = Money(Decimal(300_000_000))
INCREASED_AFTER = timedelta(500)


def course(project: Project, source: str, tz: ZoneInfo, *, grows: bool) -> Iterator[Due]:
    """All that is ever reported of a project, in no order; some of it lies in the future.

    The plan is made when the project is signed.  A milestone that slips by more than a year is
    planned anew half a year after it was due.
    """
    seed = int.from_bytes(hashlib.blake2b(project.project.encode(), digest_size=8).digest(), "big")
    draws = iter(np.random.Generator(np.random.PCG64(seed)).random(32).tolist())
    zone, code, signed = project.zone, project.project, project.signed

    def report(kind: Any, name: str, on: date, content: object, *, late: int = 1) -> Due:
        """A fact of a day, reported by the office some days after."""
        at = datetime.combine(on + timedelta(late), OFFICE_HOUR, tz)
        happened = datetime.combine(on, OFFICE_HOUR, tz)
        identity = {"id": f"{code}-{name}", "source": source, "specversion": "1.0"}
        return Due(at, kind(time=happened, recordedtime=at, data=content, **identity))

    yield report(ProjectRegistered, "registered", signed, project)
    yield report(StageReached, "stage-signed", signed, StageDate(zone, code, Stage.SIGNED, signed))
    if grows:
        on = signed + INCREASED_AFTER
        yield report(AmountChanged, "increase-1", on, Amount(zone, code, INCREASE))
    given_up = next(draws) < TERMINATED
    on = signed
    for stage, after, spread in STAGES:
        if given_up and stage is Stage.CONSTRUCTION_START:
            on = signed + timedelta(after + spread)
            ended = StageDate(zone, code, Stage.TERMINATED, on)
            yield report(StageReached, "stage-terminated", on, ended)
            return
        due = signed + timedelta(after + int(spread * next(draws)))
        slip = timedelta(_slip(next(draws), next(draws)))
        on = max(due + slip, on + LEAST_BETWEEN)
        yield report(StageReached, f"stage-{stage}", on, StageDate(zone, code, stage, on))
        if stage not in MILESTONES:
            continue
        name, title, local = MILESTONES[stage]
        plan = Milestone(zone, code, name, title, due, code=local)
        yield report(MilestonePlanned, f"planned-{name}", signed, plan, late=10)
        if on - due > YEAR:
            anew = replace(plan, dueDate=on)
            noticed = due + YEAR / 2
            yield report(MilestonePlanned, f"planned-{name}-anew", noticed, anew)
        yield report(MilestoneMet, f"met-{name}", on, MilestoneDate(zone, code, name, on))


def _slip(kind: float, much: float) -> int:
    """Days by which a stage is later than planned, or earlier if below zero."""
    if kind < ON_TIME:
        return -int(20 * much)
    return 10 + int(110 * much) if kind < SLIPPED else 380 + int(300 * much)
