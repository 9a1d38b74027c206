"""The snapshots of all owners, gathered in any order, and the history that they tell."""

from bisect import insort
from collections.abc import Iterator
from datetime import date
from heapq import merge
from typing import NamedTuple

import msgspec

from contract.book import Book
from contract.events import TargetSet
from contract.snapshots import IndicatorValue, ProjectCard, Snapshot, TerminalDay
from kpis.forecast.basis import Basis
from kpis.past.history import HistoryPoint, InstantSpan, TargetHistory
from kpis.past.port_past import PortPast
from kpis.past.zone_past import ZonePast
from kpis.port.books import PortBooks

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(TerminalDay).decode


class _PackedSnapshot(NamedTuple):
    """A snapshot of a terminal's day; nothing `stands` on it once all was taken off again."""

    offset: int
    stands: bool
    packed: bytes


class AreaDays:
    """The newest snapshots of a port area, packed: a year takes a megabyte."""

    def __init__(self) -> None:
        self._order: list[date] = []
        self._days: dict[date, dict[tuple[str, int], _PackedSnapshot]] = {}

    def __iter__(self) -> Iterator[date]:
        """Days on which anything stands: those emptied again might never have been booked."""
        return (on for on in self._order if any(one.stands for one in self._days[on].values()))

    def __getitem__(self, on: date) -> tuple[TerminalDay, ...]:
        held = self._days.get(on, {})
        return tuple(_unpack(held[key].packed) for key in sorted(held) if held[key].stands)

    def take(self, day: TerminalDay) -> None:
        """Take a snapshot; of two with one key the greater offset stands."""
        held = self._days.get(day.on)
        if held is None:
            held = self._days[day.on] = {}
            insort(self._order, day.on)
        key = day.terminal, day.partition
        if key not in held or held[key].offset < day.offset:
            held[key] = _PackedSnapshot(day.offset, bool(day.classes), _pack(day))


class PastOfOwners:
    """What history is made of; order and repetition of what is taken change nothing."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._areas: dict[str, AreaDays] = {}
        self._cards: dict[str, dict[str, ProjectCard]] = {}
        self._figures: dict[str, dict[tuple[str, str, str], IndicatorValue]] = {}
        self._targets: dict[str, TargetSet] = {}

    def take(self, said: Snapshot | TargetSet) -> None:
        """Take a snapshot or a target."""
        match said:
            case TerminalDay():
                self._areas.setdefault(said.area, AreaDays()).take(said)
            case ProjectCard():
                cards = self._cards.setdefault(said.zone, {})
                held = cards.get(said.project)
                if held is None or held.offset < said.offset:
                    cards[said.project] = said
            case IndicatorValue():
                figures = self._figures.setdefault(said.zone, {})
                key = said.indicator, said.scope, said.period
                figure = figures.get(key)
                if figure is None or figure.offset < said.offset:
                    figures[key] = said
            case TargetSet():
                stands = self._targets.get(said.data.key)
                if stands is None or stands.age < said.age:
                    self._targets[said.data.key] = said

    @property
    def years(self) -> tuple[int, ...]:
        """The years that have moves; without any, those since the first project was signed."""
        booked = {on.year for days in self._areas.values() for on in days}
        if booked:
            return tuple(sorted(booked))
        signed = [
            card.signed.year for cards in self._cards.values() for card in cards.values()
            if card.signed
        ]  # fmt: skip
        return tuple(range(min(signed), max(signed) + 1)) if signed else ()

    def tell(self, span: InstantSpan) -> Iterator[HistoryPoint]:
        """The tellings of all owners, in the order of time."""
        ports = (port.tell() for port in self._ports(span))
        zones = (
            ZonePast(
                self._book,
                zone,
                tuple(self._cards.get(zone, {}).values()),
                self._figures.get(zone, {}).values(),
                self._aims(zone),
            ).tell(self.years, span)
            for zone in sorted(self._cards.keys() | self._figures.keys())
        )
        return merge(*ports, *zones, key=lambda telling: telling.at)

    def bases(self, span: InstantSpan) -> Iterator[Basis]:
        """What the forecasts of a span are made from, in the order of time for each area."""
        for port in self._ports(span):
            yield from port.bases()

    def _ports(self, span: InstantSpan) -> Iterator[PortPast]:
        for area, days in sorted(self._areas.items()):
            if any(days):
                yield PortPast(self._port(area), self._aims(area), days, span)

    def _port(self, area: str) -> PortBooks:
        books = PortBooks(self._book, area)
        for target in self._targets_of(area):
            books.set_target(target)
        return books

    def _aims(self, owner: str) -> TargetHistory:
        return TargetHistory(self._book, owner, self._targets_of(owner))

    def _targets_of(self, owner: str) -> tuple[TargetSet, ...]:
        return tuple(one for one in self._targets.values() if one.data.owner == owner)
