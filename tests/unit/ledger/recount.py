"""A recount of moves in plain code, which shares nothing with the ledger but the contract."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from contract.events import ContainerMoved, Fill, MoveRetracted
from contract.snapshots import TerminalDay
from contract.wire import decode_move
from tests.unit.ledger.records import Raw

SHANGHAI = ZoneInfo("Asia/Shanghai")
TEU = {"1": 50, "2": 100, "3": 150, "4": 200, "L": 225, "A": 117, "M": 240}
FEET = {"1": "10", "2": "20", "3": "30", "4": "40", "L": "45", "A": "other", "M": "other"}

Class = tuple[str, str, Fill | None, str]
Day = tuple[dict[Class, tuple[int, int]], tuple[int, ...], datetime | None]
"""Moves and hundredths by class, hundredths by hour, minute of the newest move over the quay."""


def recount(records: Iterable[Raw]) -> dict[tuple[str, str], Day]:
    """(terminal, day) -> the sums expected of it."""
    by_id: dict[tuple[str, str], list[tuple[datetime, int, ContainerMoved]]] = defaultdict(list)
    gone: set[tuple[str, str]] = set()
    for record in records:
        event = decode_move(record.value or b"")
        if isinstance(event, MoveRetracted):
            gone.add((event.source, event.data.retractedEventID))
        else:
            by_id[event.source, event.id].append((event.recordedtime, -record.offset, event))
    newest = [max(by_id[name])[2] for name in by_id.keys() - gone]
    days: dict[tuple[str, str], list[ContainerMoved]] = defaultdict(list)
    for event in newest:
        if _counts(event):
            local = event.time.astimezone(SHANGHAI)
            days[event.data.facilityCode, local.date().isoformat()].append(event)
    return {name: _day(events) for name, events in days.items()}


def as_recounted(snapshots: Iterable[TerminalDay]) -> dict[tuple[str, str], Day]:
    """The sums of snapshots in the same form; days without facts are left out."""
    days: dict[tuple[str, str], Day] = {}
    for day in snapshots:
        if day.classes:
            classes = {
                (c.move, c.kind, c.fill, c.size): (c.moves, c.hundredths) for c in day.classes
            }
            over_quay = any(c.move in ("LOAD", "DISC") for c in day.classes)
            newest = day.newest if over_quay else None
            days[day.terminal, day.on.isoformat()] = classes, day.hours, newest
    return days


def _counts(event: ContainerMoved) -> bool:
    move = event.data
    return (
        move.eventClassifierCode == "ACT"
        and move.equipmentEventTypeCode in ("LOAD", "DISC", "GTIN", "GTOT")
        and move.moveStatus not in (4, 7)
        and not move.isRetracted
    )


def _day(events: list[ContainerMoved]) -> Day:
    classes: dict[Class, tuple[int, int]] = {}
    hours = [0] * 24
    newest = None
    for event in events:
        move = event.data
        first = (move.ISOEquipmentCode or "0")[0]
        kind = "normal"
        if move.moveStatus == 6 or move.isTransshipmentMove:
            kind = "transhipment"
        if move.moveStatus == 5:
            kind = "restow"
        over_quay = move.equipmentEventTypeCode in ("LOAD", "DISC")
        teu = TEU.get(first, 0) if over_quay and kind != "restow" else 0
        name = (
            str(move.equipmentEventTypeCode),
            kind,
            move.emptyIndicatorCode,
            FEET.get(first, "unknown"),
        )
        moves, sum_ = classes.get(name, (0, 0))
        classes[name] = moves + 1, sum_ + teu
        if over_quay:
            hours[event.time.astimezone(SHANGHAI).hour] += teu
            minute = event.time.replace(second=0, microsecond=0)
            newest = max(newest or minute, minute)
    return classes, tuple(hours), newest
