"""Milestones looked back on: how many were met, and how far the worst one slipped."""

from collections.abc import Iterator
from datetime import date, datetime

from kpis.model.kpi import Labels
from kpis.zone.portfolio import DueMilestone, Portfolio


def milestones_met(zone: Portfolio, at: datetime) -> dict[Labels, float]:
    """Milestones met, by timing: on time or late.

    On time is on or before the due date as planned now.
    """
    count: dict[Labels, float] = {("on_time",): 0.0, ("late",): 0.0}
    for due in zone.standing(at).due:
        if due.met is not None:
            count["on_time" if due.met <= due.on else "late",] += 1
    return count


def worst_slip(zone: Portfolio, at: datetime) -> dict[Labels, float]:
    """The most by which a milestone slipped, against its plan of now and its first plan.

    max over milestones of (met or today) − due, at least 0: whole days of the zone's calendar, in
    seconds.  Planning anew takes a slip out of `now`; in `first` it stays.
    """
    standing = zone.standing(at)
    slips = list(_slips(standing.due, standing.today))
    return {
        ("now",): max((now for now, _ in slips), default=0.0),
        ("first",): max((first for _, first in slips), default=0.0),
    }


def _slips(milestones: tuple[DueMilestone, ...], today: date) -> Iterator[tuple[float, float]]:
    """Seconds against the plan of now and the first plan, below 0 for what is early."""
    for due in milestones:
        end = due.met or today
        yield (end - due.on).total_seconds(), (end - due.first).total_seconds()
