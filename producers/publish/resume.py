"""Where a source left off: its newest recordedtime, read from the end of its partition."""

from collections.abc import Collection
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from broker.lenient_records import read_any_header_name
from contract.errors import Rejected
from contract.settings import Settings
from contract.topics import Topic
from contract.wire import decode, partition_of

LOOK_BACK = (
    400  # records, far more than are ever out of order; doubled until every source is found
)
POLL_MS = 1000


async def left_off(
    settings: Settings, topic: Topic, sources: Collection[str]
) -> dict[str, datetime]:
    """Source -> newest recordedtime among its last records in `topic`.

    A source that has none is absent.
    A source's records lie on the partition of its name, in the order in which they were sent.
    """
    found: dict[str, datetime] = {}
    read_any_header_name()
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, enable_auto_commit=False)
    await consumer.start()
    try:
        for number in range(topic.partitions):
            here = {s for s in sources if partition_of(s.encode(), topic.partitions) == number}
            if here:
                partition = TopicPartition(topic.under(settings.prefix).name, number)
                found |= await _newest(consumer, partition, here)
    finally:
        await consumer.stop()
    return found


async def _newest(
    consumer: AIOKafkaConsumer, partition: TopicPartition, sources: set[str]
) -> dict[str, datetime]:
    consumer.assign([partition])
    begin = (await consumer.beginning_offsets([partition]))[partition]
    end = (await consumer.end_offsets([partition]))[partition]
    look_back = LOOK_BACK
    while True:
        start = max(begin, end - look_back)
        found: dict[str, datetime] = {}
        consumer.seek(partition, start)
        while await consumer.position(partition) < end:
            for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
                for record in records:
                    _keep_newest(found, record.value, sources)
        if start == begin or found.keys() == sources:
            return found
        look_back *= 2


def _keep_newest(found: dict[str, datetime], value: bytes | None, sources: set[str]) -> None:
    try:
        event = decode(value)
    except Rejected:
        return  # somebody else's, and the worker's to refuse
    if event.source in sources:
        before = found.get(event.source)
        if before is None or event.recordedtime > before:
            found[event.source] = event.recordedtime
