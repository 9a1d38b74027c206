"""The books of a port area, as the KPI stage of the worker keeps them: years and targets."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from contract.book import Book
from contract.events import Target, TargetSet
from contract.period import is_one_year
from contract.snapshots import TerminalDay
from kpis.model.calendar import day_of
from kpis.plan.plan import Plan
from kpis.plan.progress import Outlook
from kpis.port.year import PortYear

YTD_TEU = "port_throughput_ytd_teu"  # a target on this series is the area's plan


class PortBooks:
    """All years of one port area, and its targets.

    Order and repetition of the posted snapshots change nothing.  An area that is no longer in the
    book keeps its history; its terminals are then those of its snapshots.
    """

    def __init__(self, book: Book, area: str) -> None:
        self.area = area
        self.tz = book.tz
        self.port = book.port
        self._terminals = tuple(code for code, owner in book.area_of.items() if owner == area)
        self._years: dict[int, PortYear] = {}
        self._targets: dict[str, TargetSet] = {}

    @property
    def is_empty(self) -> bool:
        """Whether the books hold neither moves nor a plan, since all moves were retracted."""
        return not self._targets and not any(one.first for one in self._years.values())

    @property
    def newest(self) -> datetime | None:
        """The event time of the newest quay move of all years."""
        return max((one.newest for one in self._years.values() if one.newest), default=None)

    def post(self, day: TerminalDay) -> bool:
        """Post a snapshot; return False if it changes nothing."""
        return self.year(day.on.year).post(day)

    def set_target(self, event: TargetSet) -> bool:
        """Set a target on the area's TEU of a year; return False for others and older ones."""
        target = event.data
        if not is_plan(target):
            return False
        known = self._targets.get(target.key)
        if known is not None and known.age >= event.age:
            return False
        self._targets[target.key] = event
        valid = [
            one
            for one in self._targets.values()
            if one.data.period == target.period and not one.data.withdrawn
        ]
        newest = max(valid, key=lambda one: one.age, default=None)
        plan = Plan.from_target(newest.data, self.tz) if newest else None
        self.year(int(target.period)).plan = plan
        return True

    def expect(self, year: int, outlook: Outlook | None) -> None:
        """Use a forecast in place of a year's run-rate; None returns to the run-rate."""
        self.year(year).outlook = outlook

    def year(self, year: int) -> PortYear:
        """Return a year's books; create them if there are none yet."""
        if year not in self._years:
            self._years[year] = PortYear(year, self.tz, self._terminals, self.port)
            self._years = dict(sorted(self._years.items()))
            for before, after in pairwise(self._years.values()):
                before.after, after.before = after, before
        return self._years[year]

    def years(self, at: datetime) -> Iterator[PortYear]:
        """Iterate over the current year and the earlier years that have books."""
        current = self.year(day_of(at, self.tz).year)
        for one in self._years.values():
            if one is current or (one.year < current.year and one.first):
                yield one


def is_plan(target: Target) -> bool:
    """Return whether a target is on all TEU that a port area handles in a year."""
    return (
        target.measures == YTD_TEU
        and not target.labels
        and is_one_year(target.period)
        and target.direction == "at_least"
    )
