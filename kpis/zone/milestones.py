"""The KPIs of past milestones: how many were met, and how far the worst one slipped."""

from collections.abc import Iterator
from datetime import date, datetime

from kpis.model.kpi import Labels
from kpis.zone.portfolio import DueMilestone, Portfolio


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
