"""Moves as records of the raw topic, for the ledger's tests."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from contract.book import Book, read_book
from contract.events import (
    Classifier,
    ContainerMoved,
    EquipmentEvent,
    Fill,
    Mode,
    Move,
    MoveRetracted,
    MoveStatus,
    RawEvent,
    Retraction,
    TransportCall,
)
from contract.wire import encode

NOW = datetime(2026, 3, 10, 4, tzinfo=UTC)
"""Noon in Shanghai."""

BOOK = read_book(Path("quaymark.toml").read_text(encoding="utf-8"), "quaymark.toml")


class Raw(NamedTuple):
    """A record of the raw topic."""

    offset: int
    value: bytes | None
    timestamp: int = round(NOW.timestamp() * 1000)
    headers: tuple[tuple[str, bytes | None], ...] = ()
    key: bytes | None = None


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def moved(
    event_id: str,
    time: str = "2026-03-01T08:00:00+08:00",
    *,
    recorded: str = "2026-03-01T09:00:00+08:00",
    source: str = "/tonghai/THE",
    terminal: str = "THE",
    event: str = "LOAD",
    size: str | None = "22G1",
    fill: str | None = "LADEN",
    number: str | None = "CSQU3054383",  # ISO 6346's own example, check digit 3
    classifier: str = "ACT",
    status: int | None = None,
    transhipment: bool = False,
    mode: str | None = None,
    facility_type: str | None = None,
    retracted: bool = False,
) -> ContainerMoved:
    return ContainerMoved(
        id=event_id,
        source=source,
        time=at(time),
        recordedtime=at(recorded),
        specversion="1.0",
        data=Move(
            eventClassifierCode=Classifier(classifier),
            equipmentEventTypeCode=EquipmentEvent(event),
            facilityCode=terminal,
            equipmentReference=number,
            ISOEquipmentCode=size,
            emptyIndicatorCode=None if fill is None else Fill(fill),
            isTransshipmentMove=transhipment,
            isRetracted=retracted,
            moveStatus=None if status is None else MoveStatus(status),
            transportCall=None if mode is None else TransportCall(modeOfTransport=Mode(mode)),
            facilityTypeCode=facility_type,
        ),
    )


def retracted(
    event_id: str,
    *,
    recorded: str = "2026-03-02T09:00:00+08:00",
    source: str = "/tonghai/THE",
) -> MoveRetracted:
    return MoveRetracted(
        id=f"retract-{event_id}",
        source=source,
        time=at(recorded),
        recordedtime=at(recorded),
        specversion="1.0",
        data=Retraction(retractedEventID=event_id),
    )


def topic(
    events: Iterable[ContainerMoved | MoveRetracted], first: int = 0, received: datetime = NOW
) -> list[Raw]:
    stamp = round(received.timestamp() * 1000)
    return [Raw(first + i, encode(event), stamp) for i, event in enumerate(events)]


def in_binary_mode(event: RawEvent) -> tuple[bytes, tuple[tuple[str, bytes | None], ...]]:
    """An event as another system sends it: its data, and its attributes as headers."""
    attributes = json.loads(encode(event))
    raw = json.dumps(attributes.pop("data")).encode()
    media_type = attributes.pop("datacontenttype", "application/json")
    headers = {f"ce_{name}": text.encode() for name, text in attributes.items()}
    return raw, tuple((headers | {"content-type": media_type.encode()}).items())


def book_with(**port: object) -> Book:
    return msgspec.structs.replace(BOOK, port=msgspec.structs.replace(BOOK.port, **port))
