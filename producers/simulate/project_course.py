"""The course of a simulated project after its signing: stages, milestones and their slips."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np

from contract.events import Money, Project, ProjectEvent, Stage
from producers.reading.project_events import ProjectRecord
from producers.simulate.sources import TimedEvent

OFFICE_HOUR = time(10)  # the zone's office reports at ten on the following day
YEAR = timedelta(365)
LEAST_BETWEEN = timedelta(14)  # the shortest time between two stages
EARLIEST = date(1, 1, 1)

STAGES = (
    # stage, days after signing, and how far they spread
    (Stage.REGISTERED, 40, 40),
    (Stage.FILED, 110, 90),
    (Stage.CONSTRUCTION_START, 230, 160),
    (Stage.COMPLETED, 640, 300),
    (Stage.IN_PRODUCTION, 1000, 120),
    (Stage.AT_CAPACITY, 1400, 200),
)
MILESTONES = frozenset({Stage.CONSTRUCTION_START, Stage.COMPLETED, Stage.IN_PRODUCTION})
"""Stages that are also milestones of the plan."""

ON_TIME, SLIPPED = 0.72, 0.95  # cumulative shares of milestones; the rest slip by more than a year
TERMINATED = 0.04  # share of projects that are given up before construction starts
INCREASE = Money(Decimal(300_000_000))
INCREASED_AFTER = timedelta(500)


def course(
    project: Project, tz: ZoneInfo, *, grows: bool = False, after: date = EARLIEST
) -> Iterator[TimedEvent]:
    """Return the reports about a project whose facts lie `after` a day, in no order.

    Some reports lie in the future.  The plan is made when the project is signed.  A milestone that
    slips by more than a year is planned again half a year after it was due.  The ids equal those
    of an imported file, so that a fact that a file reports as well is one event.
    """
    seed = int.from_bytes(hashlib.blake2b(project.project.encode(), digest_size=8).digest(), "big")
    draws = iter(np.random.Generator(np.random.PCG64(seed)).random(32).tolist())
    signed = project.signed

    def reports(
        on: date, make: Callable[..., ProjectEvent], *what: object, late: int = 1
    ) -> Iterator[TimedEvent]:
        """Return a fact of a day, which the office reports `late` days later."""
        if on > after:
            at = datetime.combine(on + timedelta(late), OFFICE_HOUR, tz)
            yield TimedEvent(at, make(ProjectRecord(project.zone, project.project, tz, at), *what))

    yield from reports(signed, ProjectRecord.registered, project)
    if grows:
        on = signed + INCREASED_AFTER
        yield from reports(on, ProjectRecord.increased, INCREASE, on)
    given_up = next(draws) < TERMINATED
    reached = signed
    for stage, days, spread in STAGES:
        if given_up and stage is Stage.CONSTRUCTION_START:
            ended = signed + timedelta(days + spread)
            yield from reports(ended, ProjectRecord.reached, Stage.TERMINATED, ended)
            return
        due = signed + timedelta(days + int(spread * next(draws)))
        slip = timedelta(_slip(next(draws), next(draws)))
        reached = max(due + slip, reached + LEAST_BETWEEN)
        yield from reports(reached, ProjectRecord.reached, stage, reached)
        if stage in MILESTONES:
            title = stage.replace("_", " ")
            yield from reports(signed, ProjectRecord.planned, stage.value, title, due, late=10)
            if reached - due > YEAR:
                replanned = due + YEAR / 2
                yield from reports(replanned, ProjectRecord.planned, stage.value, title, reached)
            yield from reports(reached, ProjectRecord.met, stage.value, reached)


def _slip(kind: float, much: float) -> int:
    """Return the days by which a stage is later than planned; negative if it is earlier."""
    if kind < ON_TIME:
        return -int(20 * much)
    return 10 + int(110 * much) if kind < SLIPPED else 380 + int(300 * much)
