"""The snapshots of all owners, taken in any order, and the history that follows from them."""

from bisect import insort
from collections.abc import Iterator, Mapping
from datetime import date
from heapq import merge
from typing import NamedTuple

import msgspec

from contract.book import Book
from contract.events import TargetSet
from contract.snapshots import (
    IndicatorValue,
    ProjectCard,
    Snapshot,
    TerminalDay,
    keep_newest,
    supersedes,
)
from kpis.forecast.basis import Basis
from kpis.past.history import HistoryPoint, InstantSpan, TargetHistory
from kpis.past.port_past import PortFilling, PortPast
from kpis.past.zone_past import ZonePast
from kpis.port.books import PortBooks
from kpis.target.target_book import TargetBook

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(TerminalDay).decode


class _PackedSnapshot(NamedTuple):
    """A packed snapshot of a terminal's day; `has_moves` is False once all were retracted."""

    offset: int
    has_moves: bool
    packed: bytes


class AreaDays:
    """The newest snapshots of a port area, packed, so that a year takes a megabyte."""

    def __init__(self) -> None:
        self._order: list[date] = []
        self._days: dict[date, Mapping[tuple[str, int], _PackedSnapshot]] = {}
        self.reach: dict[int, int] = {}
        """Partition -> the greatest offset of its snapshots."""

    def __iter__(self) -> Iterator[date]:
        """Iterate over the days that have moves, without those whose moves were all retracted."""
        return (on for on in self._order if any(one.has_moves for one in self._days[on].values()))

    def __getitem__(self, on: date) -> tuple[TerminalDay, ...]:
        held = self._days.get(on, {})
        return tuple(_unpack(held[key].packed) for key in sorted(held) if held[key].has_moves)

    def take(self, day: TerminalDay) -> None:
        """Take a snapshot; of two with one key the one of the greater offset counts."""
        held = self._days.get(day.on)
        if held is None:
            held = self._days[day.on] = {}
            insort(self._order, day.on)
        key = day.terminal, day.partition
        if supersedes(day, held.get(key)):
            packed = _PackedSnapshot(day.offset, bool(day.classes), _pack(day))
            self._days[day.on] = {**held, key: packed}  # a copy shares the days of before
            self.reach[day.partition] = max(day.offset, self.reach.get(day.partition, -1))

    def copy(self) -> "AreaDays":
        """Return the snapshots as they are now; they stay so whatever is taken later."""
        made = AreaDays()
        made._order, made._days = list(self._order), dict(self._days)
        made.reach = dict(self.reach)
        return made

    def between(self, first: date | None, last: date | None) -> Iterator[TerminalDay]:
        """Yield the snapshots of some days, also of those whose moves were all retracted."""
        for on in self._order:
            if (first is None or first <= on) and (last is None or on <= last):
                for held in self._days[on].values():
                    yield _unpack(held.packed)


class PastOfOwners:
    """The snapshots and targets of all owners; their order and repetition change nothing."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._areas: dict[str, AreaDays] = {}
        self._cards: dict[str, dict[str, ProjectCard]] = {}
        self._figures: dict[str, dict[tuple[str, str, str], IndicatorValue]] = {}
        self._targets: dict[str, TargetSet] = {}

    def take(self, record: Snapshot | TargetSet) -> None:
        """Take a snapshot or a target."""
        match record:
            case TerminalDay():
                self._areas.setdefault(record.area, AreaDays()).take(record)
            case ProjectCard():
                keep_newest(self._cards.setdefault(record.zone, {}), record.project, record)
            case IndicatorValue():
                figures = self._figures.setdefault(record.zone, {})
                key = record.indicator, record.scope, record.period
                keep_newest(figures, key, record)
            case TargetSet():
                if record.supersedes(self._targets.get(record.data.key)):
                    self._targets[record.data.key] = record

    def booked_days(self) -> dict[str, AreaDays]:
        """Return area -> its days as they are now, for another thread."""
        return {area: days.copy() for area, days in self._areas.items()}

    @property
    def years(self) -> tuple[int, ...]:
        """The years that have moves, or without moves those since the first signing."""
        booked = {on.year for days in self._areas.values() for on in days}
        if booked:
            return tuple(sorted(booked))
        signed = [
            card.signed.year for cards in self._cards.values() for card in cards.values()
            if card.signed
        ]  # fmt: skip
        return tuple(range(min(signed), max(signed) + 1)) if signed else ()

    def points(self, span: InstantSpan) -> Iterator[HistoryPoint]:
        """Iterate over the history points of all owners, in the order of time."""
        ports = (port.points() for port in self._ports(span))
        zones = (
            self._zone(zone).points(self.years, span)
            for zone in sorted(self._cards.keys() | self._figures.keys())
        )
        return merge(*ports, *zones, key=lambda point: point.at)

    def bases(self, span: InstantSpan) -> Iterator[Basis]:
        """Iterate over the inputs of a span's forecasts, in the order of time for each area."""
        for port in self._ports(span):
            yield from port.bases()

    def port(self, area: str) -> PortFilling | None:
        """Return an area's books before their first day; None if no day was booked."""
        days = self._areas.get(area)
        return PortFilling(self._port(area), days) if days and any(days) else None

    def zone(self, zone: str) -> ZonePast | None:
        """Return a zone's books; None if they hold neither projects nor figures."""
        held = zone in self._cards or zone in self._figures
        return self._zone(zone) if held else None

    def target_book(self, owner: str) -> TargetBook:
        """Return an owner's targets, without those that fit none of its KPIs."""
        return self._target_history(owner).book

    def _zone(self, zone: str) -> ZonePast:
        return ZonePast(
            self._book,
            zone,
            tuple(self._cards.get(zone, {}).values()),
            self._figures.get(zone, {}).values(),
            self._target_history(zone),
        )

    def _ports(self, span: InstantSpan) -> Iterator[PortPast]:
        for area, days in sorted(self._areas.items()):
            if any(days):
                yield PortPast(self._port(area), self._target_history(area), days, span)

    def _port(self, area: str) -> PortBooks:
        books = PortBooks(self._book, area)
        for target in self._targets_of(area):
            books.set_target(target)
        return books

    def _target_history(self, owner: str) -> TargetHistory:
        return TargetHistory(self._book, owner, self._targets_of(owner))

    def _targets_of(self, owner: str) -> tuple[TargetSet, ...]:
        return tuple(one for one in self._targets.values() if one.data.owner == owner)
