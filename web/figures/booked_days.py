"""The books at a moment, for comparisons: their day snapshots, and how far they reach."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from contract.snapshots import TerminalDay
from kpis.past.all_owners import AreaDays, PastOfOwners
from register.selection import Selection

KEPT = 4
"""Readings of the books: a register that is slower by a minute still has one to compare with."""
APART = timedelta(seconds=15)
"""At least this lies between two kept readings: what differs at both is no matter of delay."""


class BookedDays(Struct, frozen=True):
    """The day snapshots of all areas as one reading of the books found them."""

    at: datetime
    """When the books were read."""
    areas: Mapping[str, AreaDays]
    reach: Mapping[int, int]
    """Partition of the raw topic -> the greatest offset that is folded into a snapshot."""

    @classmethod
    def of(cls, past: PastOfOwners, at: datetime) -> "BookedDays":
        """Return the books as they are now; they stay so whatever is read later."""
        areas, reach = past.booked_days(), dict[int, int]()
        for days in areas.values():
            for partition, offset in days.reach.items():
                reach[partition] = max(offset, reach.get(partition, -1))
        return cls(at, areas, reach)

    def days(self, wanted: Selection) -> Iterator[TerminalDay]:
        """Yield the snapshots of the days of a selection in one area, those without moves too."""
        held = self.areas.get(wanted.area or "")
        return held.between(wanted.first, wanted.last) if held else iter(())

    def unread(self, reached: Mapping[int, int]) -> int:
        """Return how many records a register lacks that are in the books.

        `reached` is partition -> offset behind the last record that the register has read.
        """
        return sum(
            max(0, offset + 1 - reached.get(partition, 0))
            for partition, offset in self.reach.items()
        )


def kept_readings(newest: BookedDays, before: tuple[BookedDays, ...]) -> tuple[BookedDays, ...]:
    """Return the readings of the books to keep, the newest first."""
    if len(before) > 1 and before[0].at - before[1].at < APART:
        before = before[1:]
    return (newest, *before[: KEPT - 1])
