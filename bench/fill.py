"""Fills the moves topic, a whole batch at a time."""

import asyncio
from collections.abc import Iterable
from typing import Any

import aiokafka

from bench.moves import Delivery
from contract.topics import MOVES
from contract.wire import partition_of

BATCH_BYTES = 256 << 10  # as the producers' sender


def fill(bootstrap: str, deliveries: Iterable[Delivery]) -> None:
    """Send records, uncompressed and in order, each to the partition of its key."""
    asyncio.run(_fill(bootstrap, deliveries))


async def _fill(bootstrap: str, deliveries: Iterable[Delivery]) -> None:
    producer = aiokafka.AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, max_batch_size=BATCH_BYTES
    )
    await producer.start()
    partitions: dict[bytes, int] = {}
    batches: dict[int, Any] = {}
    sent: list[asyncio.Future[Any]] = []

    async def ship(partition: int) -> None:
        batch = batches.pop(partition)
        batch.close()
        sent.append(await producer.send_batch(batch, MOVES.name, partition=partition))

    try:
        for key, value in deliveries:
            partition = partitions.setdefault(key, partition_of(key, MOVES.partitions))
            while True:
                batch = batches.get(partition) or batches.setdefault(
                    partition, producer.create_batch()
                )
                if batch.append(key=key, value=value, timestamp=None) is not None:
                    break
                await ship(partition)
        for partition in list(batches):
            await ship(partition)
        await asyncio.gather(*sent)
    finally:
        await producer.stop()
