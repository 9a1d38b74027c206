"""What a record says of its move, whatever the judge says of the record."""

from datetime import datetime
from typing import NamedTuple

import msgspec

from contract.binary_mode import attempt, sent_again_at, structured
from contract.errors import Rejected
from contract.events import ContainerMoved, EquipmentEvent, MoveEvent, TransportCall
from contract.record import Record
from contract.wire import LATEST_MS, decode_move, epoch_ms

MOST_ATTEMPTS = 32_767  # of a column of 16 bits
DAY_MS = 86_400_000
EARLIEST_MS = -62_135_596_800_000 + DAY_MS  # a day after the year 1 begins
FARTHEST_MS = 253_402_300_800_000 - DAY_MS  # a day before the year 9999 ends
"""An instant between them is one of these years in every time zone, so that it can be shown."""


class Described(NamedTuple):
    """The columns that are read from the record; None or "" where it says nothing, or is no event.

    Instants are milliseconds since 1970.
    """

    event_id: str | None = None
    source: str | None = None
    facility: str = ""
    event_time: int | None = None
    recorded_time: int | None = None
    timestamp: int = 0
    sent_again_at: int = 0
    move: str | None = None
    fill: str | None = None
    iso_code: str | None = None
    container: str | None = None
    mode: str | None = None
    vessel_imo: str | None = None
    vessel_name: str | None = None
    voyage: str | None = None
    document: str | None = None
    attempt: int = 1
    offset: int = 0
    by_id: bool = False


def described(record: Record) -> Described:
    """Return what a record says; what is no event keeps its place and time only."""
    timestamp = min(max(record.timestamp, 0), LATEST_MS)
    again_at = sent_again_at(record.headers) if record.headers else 0
    empty = Described(
        timestamp=timestamp,
        sent_again_at=again_at,
        attempt=min(attempt(record.headers), MOST_ATTEMPTS) if record.headers else 1,
        offset=record.offset,
    )
    event = _event(record)
    if event is None:
        return empty
    empty = empty._replace(
        source=event.source,
        event_time=_shown_ms(event.time),
        recorded_time=_shown_ms(event.recordedtime),
    )
    if not isinstance(event, ContainerMoved):
        return empty._replace(event_id=event.data.retractedEventID, by_id=True)
    move, call = event.data, event.data.transportCall or _NO_CALL
    vessel = call.vessel
    return Described(
        event.id,
        event.source,
        move.facilityCode,
        empty.event_time,
        empty.recorded_time,
        timestamp,
        again_at,
        move.equipmentEventTypeCode.value,
        move.emptyIndicatorCode.value if move.emptyIndicatorCode else None,
        move.ISOEquipmentCode,
        move.equipmentReference,
        call.modeOfTransport.value if call.modeOfTransport else None,
        vessel.vesselIMONumber if vessel else None,
        vessel.vesselName if vessel else None,
        _voyage(move.equipmentEventTypeCode, call),
        event.subject,
        empty.attempt,
        record.offset,
    )


_NO_CALL = TransportCall()


def _shown_ms(at: datetime) -> int:
    return min(max(epoch_ms(at), EARLIEST_MS), FARTHEST_MS)


def _voyage(move: EquipmentEvent, call: TransportCall) -> str | None:
    """Return the voyage on which the container travels, or the ship's other one."""
    outward, inward = call.exportVoyageNumber, call.importVoyageNumber
    return inward or outward if move is EquipmentEvent.DISC else outward or inward


def _event(record: Record) -> MoveEvent | None:
    try:
        value = structured(record.value, record.headers) if record.headers else record.value
        return None if value is None else decode_move(value)
    except (Rejected, msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
