"""The targets that stand: their compacted topic read back."""

from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaConnectionError

from contract.binary_mode import structured
from contract.errors import Rejected, StackError
from contract.events import TargetSet
from contract.settings import Settings
from contract.target_changes import newest, target_set
from contract.topics import ISOLATION, TARGETS

POLL_MS = 1000


async def standing_targets(settings: Settings) -> dict[str, TargetSet]:
    """Key -> the newest record of each target, withdrawn ones included.

    What is no target there is passed over: the worker sets it aside.

    Raises:
        StackError: there is no broker, or no topic.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka, enable_auto_commit=False, isolation_level=ISOLATION
    )
    events: list[TargetSet] = []
    try:
        await consumer.start()
        name = TARGETS.under(settings.prefix).name
        if name not in await consumer.topics():  # assigned without it, aiokafka waits for ever
            raise StackError(
                f"Kafka at {settings.kafka} has no topic {name}: make it with `quaymark topics`"
            )
        partitions = [TopicPartition(name, number) for number in range(TARGETS.partitions)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        for at, end in ends.items():
            while await consumer.position(at) < end:
                for records in (await consumer.getmany(at, timeout_ms=POLL_MS)).values():
                    events.extend(filter(None, (_read(record) for record in records)))
    except KafkaConnectionError as error:
        raise StackError(f"no Kafka at {settings.kafka}: start it (`make up`)") from error
    finally:
        await consumer.stop()
    return newest(events)


def _read(record: Any) -> TargetSet | None:  # aiokafka has no types
    try:
        return target_set(structured(record.value, record.headers), record.timestamp)
    except Rejected:
        return None
