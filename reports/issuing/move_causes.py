"""Why a day's TEU differ from an earlier issue, by the moves that came after that issue."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from contract.book import Book
from contract.events import Classifier, ContainerMoved, EquipmentEvent, MoveEvent, MoveRetracted
from kpis.model.calendar import day_of
from reports.values import CountedCause, Revision, RevisionCause

EventKey = tuple[str, str]
"""Source and id of an event."""
DayOfTerminal = tuple[date, str]
QUAY = (EquipmentEvent.LOAD, EquipmentEvent.DISC)


class _MoveRecord(Struct, frozen=True):
    recorded: datetime
    place: DayOfTerminal
    retracted: bool


class MoveCauses:
    """The moves of some days that came after an issue, and what was known of them before.

    Take all newer events first, then those before them, of which only `wanted` ones are kept.
    """

    def __init__(self, book: Book, days: Collection[date]) -> None:
        self._book, self._days = book, days
        self._newer: dict[EventKey, _MoveRecord] = {}
        self._before: dict[EventKey, _MoveRecord] = {}
        self._taken_back: set[EventKey] = set()

    def take_newer(self, event: MoveEvent) -> None:
        """Take an event that came after the issue."""
        if isinstance(event, MoveRetracted):
            self._taken_back.add((event.source, event.data.retractedEventID))
        elif (record := self._record(event)) and record.place[0] in self._days:
            _keep_newest(self._newer, (event.source, event.id), record)

    def take_before(self, event: MoveEvent) -> None:
        """Take an event that the issue knew."""
        if isinstance(event, MoveRetracted):
            return
        key = event.source, event.id
        is_wanted = key in self._newer or key in self._taken_back
        if is_wanted and (record := self._record(event)):
            _keep_newest(self._before, key, record)

    def counts(self) -> dict[DayOfTerminal, Counter[RevisionCause]]:
        """Return day and terminal -> cause -> number of moves; a repeat of a record is none."""
        found: dict[DayOfTerminal, Counter[RevisionCause]] = {}
        for key, record in self._newer.items():
            before = self._before.get(key)
            if before is None:
                why = RevisionCause.LATE
                if record.retracted or key in self._taken_back:
                    continue
            elif record.recorded <= before.recorded:
                continue
            else:
                why = RevisionCause.RETRACTED if record.retracted else RevisionCause.AMENDED
            for place in {record.place, before.place if before else record.place}:
                found.setdefault(place, Counter())[why] += 1
        for key in self._taken_back & self._before.keys():
            found.setdefault(self._before[key].place, Counter())[RevisionCause.RETRACTED] += 1
        return found

    def _record(self, event: ContainerMoved) -> _MoveRecord | None:
        """The record of a move over the quay that happened; None for any other."""
        move = event.data
        if move.equipmentEventTypeCode not in QUAY or move.eventClassifierCode != Classifier.ACT:
            return None
        terminal = self._book.terminal_codes.get(move.facilityCode, move.facilityCode)
        place = day_of(event.time, self._book.tz), terminal
        return _MoveRecord(event.recordedtime, place, move.isRetracted)


def explained(
    found: tuple[Revision, ...], causes: Mapping[DayOfTerminal, Counter[RevisionCause]]
) -> tuple[Revision, ...]:
    """Return revisions with their causes; a day that no record explains says so."""
    order = list(RevisionCause)
    return tuple(
        replace(
            one,
            causes=tuple(
                CountedCause(why, number)
                for why, number in sorted(
                    causes.get((one.span.last, one.terminal), {}).items(),
                    key=lambda pair: order.index(pair[0]),
                )
            )
            or (CountedCause(RevisionCause.UNEXPLAINED),),
        )
        if one.terminal
        else one
        for one in found
    )


def _keep_newest(held: dict[EventKey, _MoveRecord], key: EventKey, record: _MoveRecord) -> None:
    if key not in held or held[key].recorded < record.recorded:
        held[key] = record
