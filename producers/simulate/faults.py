"""Faults of a simulated record: it arrives late or twice, is amended, or is retracted."""

from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final, assert_never

from msgspec.structs import replace

from contract.events import ContainerMoved, EquipmentEvent, MoveRetracted, Retraction
from producers.simulate.sources import TimedEvent


class RecordFault(IntEnum):
    """The fault of one record; `PLAIN` has none."""

    LATE = 0
    REPEATED = 1
    AMENDED = 2
    RETRACTED = 3
    PLAIN = 4


SHARES: Final = (0.010, 0.005, 0.002, 0.001, 0.982)
"""Share of records with each fault, in the order of `RecordFault`."""
RETRACTED_FIRST = 0.3  # of the retracted: the retraction overtakes its original
LONGEST_DAYS = 6  # between a move and the last record about it
SOON = timedelta(hours=1)

_OPPOSITE: Final = {
    EquipmentEvent.LOAD: EquipmentEvent.DISC,
    EquipmentEvent.DISC: EquipmentEvent.LOAD,
    EquipmentEvent.GTIN: EquipmentEvent.GTOT,
    EquipmentEvent.GTOT: EquipmentEvent.GTIN,
}


def sent(
    event: ContainerMoved, fault: RecordFault, drawn: float, neighbour: str
) -> tuple[TimedEvent, ...]:
    """Return all records of a move with a fault, each with the moment at which it is sent.

    `drawn` is a number between 0 and 1 that decides the variant and the delay; `neighbour` is the
    terminal at which the move was booked by mistake.
    """
    made = event.recordedtime
    first = TimedEvent(made, event)
    match fault:
        case RecordFault.PLAIN:
            return (first,)
        case RecordFault.LATE:  # one to four days
            return (_recorded(event, made + _after(1.0, 3.0, drawn)),)
        case RecordFault.REPEATED:  # the same bytes again, within five days
            return first, TimedEvent(made + SOON + _after(0.0, 4.9, drawn), event)
        case RecordFault.AMENDED:
            amended = _amended(event, drawn, neighbour)
            return first, _recorded(amended, made + SOON + _after(0.0, 2.9, drawn))
        case RecordFault.RETRACTED:
            at = made + SOON + _after(0.0, 1.9, drawn)
            if drawn < RETRACTED_FIRST:  # the original is delayed by a day more
                return _retraction(event, at), _recorded(event, at + timedelta(1))
            return first, _retraction(event, at)
    assert_never(fault)


def _after(least: float, spread: float, drawn: float) -> timedelta:
    """Return a delay between `least` and `least + spread` days, in whole seconds."""
    return timedelta(seconds=int(86_400 * (least + spread * drawn)))


def _recorded(event: ContainerMoved, at: datetime) -> TimedEvent:
    return TimedEvent(at, replace(event, recordedtime=at))


def _retraction(event: ContainerMoved, at: datetime) -> TimedEvent:
    retraction = MoveRetracted(
        id=f"{event.id}-R",
        source=event.source,
        time=at,
        recordedtime=at,
        specversion="1.0",
        data=Retraction(event.id),
    )
    return TimedEvent(at, retraction)


def _amended(event: ContainerMoved, drawn: float, neighbour: str) -> ContainerMoved:
    """Return the move with another size, day, direction or terminal."""
    move = event.data
    match int(drawn * 4000) % 4:
        case 0:
            size = "45G1" if (move.ISOEquipmentCode or "").startswith("2") else "22G1"
            return replace(event, data=replace(move, ISOEquipmentCode=size))
        case 1:
            return replace(event, time=event.time - timedelta(1))
        case 2:
            turned = _OPPOSITE[move.equipmentEventTypeCode]
            return replace(event, data=replace(move, equipmentEventTypeCode=turned))
        case _:
            return replace(event, data=replace(move, facilityCode=neighbour))
