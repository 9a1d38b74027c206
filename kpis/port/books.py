"""A port area's books as stage 2 keeps them: its years, and its targets."""

from collections.abc import Iterator
from datetime import datetime

from contract.book import Book
from contract.events import Target, TargetSet
from contract.period import is_one_year
from contract.snapshots import TerminalDay
from kpis.model.calendar import day_of
from kpis.plan.plan import Plan
from kpis.plan.progress import Outlook
from kpis.port.year import PortYear

YTD_TEU = "port_throughput_ytd_teu"  # what a target must measure to be the area's plan


class PortBooks:
    """All years of one port area, and its targets.

    Order and repetition of what is posted change nothing.  An area that has left the book keeps
    its history; its terminals are then those that its snapshots name.
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
        """Whether they hold neither moves nor a plan: all that was booked was taken off again."""
        return not self._targets and not any(one.first for one in self._years.values())

    @property
    def newest(self) -> datetime | None:
        """The event time of the newest quay move of all years."""
        return max((one.newest for one in self._years.values() if one.newest), default=None)

    def post(self, day: TerminalDay) -> bool:
        """Take a snapshot; False if it changes nothing."""
        return self.year(day.on.year).post(day)

    def set_target(self, event: TargetSet) -> bool:
        """Take a target on the area's TEU of a year; False if it is another, or not newer."""
        target = event.data
        if not is_plan(target):
            return False
        standing = self._targets.get(target.key)
        if standing is not None and standing.age >= event.age:
            return False
        self._targets[target.key] = event
        stand = [
            one
            for one in self._targets.values()
            if one.data.period == target.period and not one.data.withdrawn
        ]
        newest = max(stand, key=lambda one: one.age, default=None)
        plan = Plan.from_target(newest.data, self.tz) if newest else None
        self.year(int(target.period)).plan = plan
        return True

    def expect(self, year: int, outlook: Outlook | None) -> None:
        """Let a forecast stand in for the run-rate of a year; None takes it back."""
        self.year(year).outlook = outlook

    def year(self, year: int) -> PortYear:
        """A year's books, opened if there are none yet."""
        if year not in self._years:
            self._years[year] = PortYear(year, self.tz, self._terminals)
            self._years = dict(sorted(self._years.items()))
            before = None
            for one in self._years.values():
                one.before, before = before, one
        return self._years[year]

    def years(self, at: datetime) -> Iterator[PortYear]:
        """The current year, and every earlier one that has books."""
        current = self.year(day_of(at, self.tz).year)
        for one in self._years.values():
            if one is current or (one.year < current.year and one.first):
                yield one


def is_plan(target: Target) -> bool:
    """Is this a target on all TEU that a port area handles in a year?"""
    return (
        target.measures == YTD_TEU
        and not target.labels
        and is_one_year(target.period)
        and target.direction == "at_least"
    )
