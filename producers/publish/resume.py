"""Where a source resumes: its newest recordedtime, read backwards from its partition's end."""

from collections.abc import Collection
from datetime import datetime

from broker.connection import Connection, consuming
from broker.reader import TopicCursor
from contract.errors import Rejected
from contract.settings import Settings
from contract.topics import Topic
from contract.wire import decode, partition_of

LOOK_BACK = (
    400  # records, far more than are ever out of order; times 8 until every source is found
)


async def left_off(
    settings: Settings, topic: Topic, sources: Collection[str], since: datetime
) -> dict[str, datetime]:
    """Source -> newest recordedtime among its last records in `topic`.

    A source that has none is absent.
    A source's records lie on the partition of its name, in the order in which they were sent.
    Past years may have been sent after the present one, so records from before `since` alone are
    not the newest until the partition was read to its beginning.
    """
    found: dict[str, datetime] = {}
    connection, own = Connection.of(settings), topic.under(settings.prefix)
    async with consuming(connection) as consumer:
        for number in range(topic.partitions):
            here = {s for s in sources if partition_of(s.encode(), topic.partitions) == number}
            if here:
                cursor = await TopicCursor.opened(consumer, connection, own, [number])
                found |= await _newest(cursor, number, here, since)
    return found


async def _newest(
    cursor: TopicCursor, number: int, sources: set[str], since: datetime
) -> dict[str, datetime]:
    begin, end = cursor.begin[number], (await cursor.ends())[number]
    look_back = LOOK_BACK
    while True:
        start = max(begin, end - look_back)
        found: dict[str, datetime] = {}
        cursor.seek(number, start)
        async for records in cursor.rest():
            for record in records:
                _keep_newest(found, record.value, sources)
        whole = found.keys() == sources and min(found.values()) >= since
        if start == begin or whole:
            return found
        look_back *= 8


def _keep_newest(found: dict[str, datetime], value: bytes | None, sources: set[str]) -> None:
    try:
        event = decode(value)
    except Rejected:
        return  # somebody else's, and the worker's to refuse
    if event.source in sources:
        before = found.get(event.source)
        if before is None or event.recordedtime > before:
            found[event.source] = event.recordedtime
