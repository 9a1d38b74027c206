"""What a dead letter keeps of a rejected record."""

import asyncio
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from faust.types import TP
from prometheus_client import CollectorRegistry

from contract.binary_mode import Headers
from contract.errors import Reason
from contract.snapshots import DeadLetter
from contract.topics import REJECTED
from contract.wire import decode_dead_letter
from streams.agents.dead_letters import DeadLetters
from streams.metrics import WorkerMetrics

MOVES_0 = TP("port.moves.raw", 0)
NOW = datetime(2026, 3, 10, 4, tzinfo=UTC)
MIB = 1 << 20


class Raw(NamedTuple):
    value: bytes | None = b"{}"
    timestamp: int = 0
    key: bytes | None = b"k"
    headers: Headers = ()
    offset: int = 7


def put(record: Raw, error: str = "wrong") -> DeadLetter:
    """What is written of a record; the topic takes it."""
    written: list[bytes] = []

    class Outbox:
        async def put(self, topic: str, key: bytes, value: bytes, partition: int) -> None:
            written.append(value)

    outbox: Any = Outbox()
    dead_letters = DeadLetters(outbox, WorkerMetrics(CollectorRegistry()), lambda: NOW)
    asyncio.run(dead_letters.put(MOVES_0, record, Reason.WRONG_TYPE, error))
    assert REJECTED.largest_record is not None
    assert len(written[0]) < REJECTED.largest_record
    return decode_dead_letter(written[0])


def test_an_error_that_quotes_a_whole_event_is_cut() -> None:
    dead_letter = put(Raw(b"x" * MIB), repr("\x7f" * MIB))  # "\\x7f": four characters each

    assert dead_letter.value == b"x" * MIB
    assert dead_letter.error.startswith("'\\x7f\\x7f")
    assert dead_letter.error.endswith(" …")
    assert len(dead_letter.error) < 5_000


@pytest.mark.parametrize(
    "record",
    [
        Raw(key=b"k" * 4 * MIB),
        Raw(headers=(("ce_id", b"x" * 4 * MIB),)),
        Raw(headers=(("\x01" * MIB, None),)),  # six bytes each in JSON
    ],
)
def test_what_does_not_fit_beside_its_value_stays_where_the_dead_letter_says(record: Raw) -> None:
    dead_letter = put(record)

    assert (dead_letter.value, dead_letter.key, dead_letter.headers) == (None, None, ())
    assert (dead_letter.topic, dead_letter.partition, dead_letter.offset) == (
        "port.moves.raw",
        0,
        7,
    )


def test_a_value_above_2_mib_is_not_copied_but_what_is_beside_it() -> None:
    dead_letter = put(Raw(b"x" * (2 * MIB + 1)))

    assert (dead_letter.value, dead_letter.key) == (None, b"k")


@pytest.mark.parametrize(
    ("timestamp", "received_at"),
    [
        (-1, datetime(1970, 1, 1, tzinfo=UTC)),  # Kafka's word for none
        (-500_000_000_000_000_000, datetime(1970, 1, 1, tzinfo=UTC)),
        (1_773_115_200_000, NOW),
        (1_773_115_200_000_000, datetime(2149, 6, 6, tzinfo=UTC)),  # microseconds
    ],
)
def test_a_timestamp_off_the_calendar_is_one_of_its_ends(
    timestamp: int, received_at: datetime
) -> None:
    assert put(Raw(timestamp=timestamp)).received_at == received_at
