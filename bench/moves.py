"""A port's year in a hurry: moves of about 450 bytes with what a ledger has to bear.

0.5 % come twice, half of those a long way behind their first; 0.2 % are amended; 0.1 % are
retracted, some before they came.
"""

import random
from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

TERMINALS = ("THC",) * 45 + ("THE",) * 33 + ("THW",) * 22
SIZES = ("22G1",) * 32 + ("45G1",) * 40 + ("42G1",) * 24 + ("L5G1",) * 2 + ("4310", "2200")
MOVES_A_DAY = 3000
PORT = timezone(timedelta(hours=8))
FAR = 20_000  # events between a move and its late copy
SEED = 110


class Delivery(NamedTuple):
    """A record of the topic."""

    key: bytes
    value: bytes


def deliveries(events: int, until: datetime) -> Iterator[Delivery]:
    """So many records, the last of them recorded at `until`; the same for the same arguments."""
    draw = random.Random(SEED)
    far = min(FAR, events // 4)
    step = timedelta(days=1) / MOVES_A_DAY
    at = (until - step * events).astimezone(PORT)
    again: deque[tuple[int, Delivery]] = deque()
    sent = number = 0
    while sent < events:
        if again and again[0][0] <= sent:
            yield again.popleft()[1]
            sent += 1
            continue
        number += 1
        at += step
        terminal = draw.choice(TERMINALS)
        move = _move(draw, number, terminal, at)
        chance = draw.random()
        if chance < 0.0005:  # before the move
            yield _retraction(number, terminal, at)
            sent += 1
        if sent < events:
            yield move
            sent += 1
        if chance < 0.0005 or sent >= events:
            continue
        if chance < 0.001:
            yield _retraction(number, terminal, at + step)
        elif chance < 0.003:
            yield _move(draw, number, terminal, at, recorded=at + timedelta(hours=1))
        elif chance < 0.0055:
            yield move
        else:
            if chance < 0.008:
                again.append((sent + far, move))
            continue
        sent += 1


def _move(
    draw: random.Random,
    number: int,
    terminal: str,
    at: datetime,
    recorded: datetime | None = None,
) -> Delivery:
    quay = draw.random() < 0.67
    kind = draw.choice(("LOAD", "DISC") if quay else ("GTIN", "GTOT"))
    fill = "LADEN" if draw.random() < 0.68 else "EMPTY"
    status = 5 if quay and draw.random() < 0.015 else 2 if kind in ("LOAD", "GTIN") else 3
    mode = "TRUCK" if not quay else "BARGE" if draw.random() < 0.2 else "VESSEL"
    recorded = recorded or at + timedelta(minutes=2)
    value = (
        f'{{"type":"port.container.moved.v1","id":"m-{number:09d}","source":"/tonghai/{terminal}",'
        f'"time":"{at.isoformat(timespec="seconds")}",'
        f'"recordedtime":"{recorded.isoformat(timespec="seconds")}","specversion":"1.0",'
        f'"data":{{"eventClassifierCode":"ACT","equipmentEventTypeCode":"{kind}",'
        f'"facilityCode":"{terminal}","equipmentReference":"TCLU{draw.randrange(10**7):07d}",'
        f'"ISOEquipmentCode":"{draw.choice(SIZES)}","emptyIndicatorCode":"{fill}",'
        f'"moveStatus":{status},"transportCall":{{"modeOfTransport":"{mode}",'
        f'"exportVoyageNumber":"{number // 900:05d}E"}},"UNLocationCode":"CNNTG"}}}}'
    )
    return _delivery(terminal, value)


def _retraction(number: int, terminal: str, at: datetime) -> Delivery:
    value = (
        f'{{"type":"port.move.retracted.v1","id":"r-{number:09d}","source":"/tonghai/{terminal}",'
        f'"time":"{at.isoformat(timespec="seconds")}",'
        f'"recordedtime":"{at.isoformat(timespec="seconds")}","specversion":"1.0",'
        f'"data":{{"retractedEventID":"m-{number:09d}"}}}}'
    )
    return _delivery(terminal, value)


def _delivery(terminal: str, value: str) -> Delivery:
    return Delivery(f"/tonghai/{terminal}".encode(), value.encode())
