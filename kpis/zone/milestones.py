"""The KPIs of milestones: which are late, due soon or met, and how far the worst one slipped."""

from collections.abc import Iterator
from datetime import date, datetime

from kpis.model.kpi import Labels
from kpis.zone.portfolio import DueMilestone, Portfolio

WINDOWS = {"30d": 30, "90d": 90}
"""Value of the label `window` -> days from today."""


def late_milestone(zone: Portfolio, at: datetime) -> dict[Labels, float]:
    """How late a milestone is that is not met yet, by project and milestone.

    today − due, for the due date as planned now: whole days of the zone's calendar, in seconds.
    Only late milestones have a series.
    """
    state = zone.state(at)
    return {
        (due.project, due.milestone): (state.today - due.on).total_seconds()
        for due in state.due
        if due.is_late(state.today)
    }


def due_soon(zone: Portfolio, at: datetime) -> dict[Labels, float]:
    """Milestones that are not met and due within the next 30 or 90 days, today included.

    Windows are nested and never summed.
    """
    state = zone.state(at)
    count: dict[Labels, float] = {(window,): 0.0 for window in WINDOWS}
    for due in state.due:
        if due.met is None:
            for window, days in WINDOWS.items():
                count[window,] += 0 <= (due.on - state.today).days <= days
    return count


def milestones_overdue(zone: Portfolio, at: datetime) -> float:
    """Milestones whose due date has passed and that are not met."""
    state = zone.state(at)
    return float(sum(due.is_late(state.today) for due in state.due))


def milestones_met(zone: Portfolio, at: datetime) -> dict[Labels, float]:
    """Milestones met, by timing: on time or late.

    On time is on or before the present due date.
    """
    count: dict[Labels, float] = {("on_time",): 0.0, ("late",): 0.0}
    for due in zone.state(at).due:
        if due.met is not None:
            count["on_time" if due.met <= due.on else "late",] += 1
    return count


def worst_slip(zone: Portfolio, at: datetime) -> dict[Labels, float]:
    """The largest slip of a milestone, against its present and its first due date.

    max over milestones of (met or today) − due, at least 0: whole days of the zone's calendar, in
    seconds.  A new due date removes a slip from `now`; in `first` it remains.
    """
    state = zone.state(at)
    slips = list(_slips(state.due, state.today))
    return {
        ("now",): max((now for now, _ in slips), default=0.0),
        ("first",): max((first for _, first in slips), default=0.0),
    }


def _slips(milestones: tuple[DueMilestone, ...], today: date) -> Iterator[tuple[float, float]]:
    """Return slips against the present and the first due date, in seconds; early is below 0."""
    for due in milestones:
        end = due.met or today
        yield (end - due.on).total_seconds(), (end - due.first).total_seconds()
