"""Record batches that no client library writes, but that the broker accepts."""

import asyncio
import struct
from collections.abc import Iterable
from typing import NamedTuple

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import LeaderNotAvailableError
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c
from aiokafka.structs import TopicPartition

from tests.integration.support.workers import becomes

CRC, CHECKED = 17, 21  # offset of the checksum in a batch, and of the first byte that it covers
NAME, NOT_UTF8 = b"Herkunft:Muenchen", b"Herkunft:M\xfcnchen."  # the same length, in Latin-1
ANSWER_MS = 30_000


class Odd(NamedTuple):
    """A record with any timestamp and headers; NAME is replaced by NOT_UTF8 in the batch."""

    value: bytes
    timestamp: int
    headers: tuple[tuple[str, bytes], ...] = ()


def batch_of(records: Iterable[Odd]) -> bytes:
    """Return the bytes of an uncompressed record batch."""
    builder = DefaultRecordBatchBuilder(2, 0, False, -1, -1, -1, 64 << 20)
    for number, record in enumerate(records):
        builder.append(number, record.timestamp, b"k", record.value, [*record.headers])
    raw = bytearray(bytes(builder.build()).replace(NAME, NOT_UTF8))
    struct.pack_into(">I", raw, CRC, calc_crc32c(bytes(raw[CHECKED:])))
    return bytes(raw)


def send_batch(bootstrap: str, topic: str, partition: int, batch: bytes) -> None:
    """Send a batch unchanged, and retry until the broker acknowledges it."""

    async def go() -> int:
        client = AIOKafkaClient(bootstrap_servers=bootstrap)
        await client.bootstrap()
        try:
            await client.set_topics([topic])
            leader = client.cluster.leader_for_partition(TopicPartition(topic, partition))
            if leader in {None, -1}:
                return int(
                    LeaderNotAvailableError.errno
                )  # the topic was created just now and has no leader yet
            request = ProduceRequest(None, -1, ANSWER_MS, [(topic, [(partition, batch)])])
            answer = await client.send(leader, request)
            [(_, [(_, error, *_)])] = answer.topics
            return int(error)
        finally:
            await client.close()

    becomes("the broker has it", lambda: asyncio.run(go()), 0)
