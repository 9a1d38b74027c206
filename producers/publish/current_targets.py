"""The current targets: the newest record of each, read from their compacted topic."""

from broker.connection import Connection
from broker.reader import read_to_end
from contract.binary_mode import structured
from contract.errors import Rejected
from contract.events import TargetSet
from contract.record import Record
from contract.settings import Settings
from contract.target_changes import newest, target_set
from contract.topics import TARGETS


async def standing_targets(settings: Settings) -> dict[str, TargetSet]:
    """Return key -> the newest record of each target, withdrawn targets included.

    A record that is no target is left out: the worker sets it aside.

    Raises:
        StackError: there is no broker, or no topic.
    """
    events: list[TargetSet] = []
    topic = TARGETS.under(settings.prefix)
    async for records in read_to_end(Connection.of(settings), topic):
        events.extend(filter(None, map(_read, records)))
    return newest(events)


def _read(record: Record) -> TargetSet | None:
    try:
        return target_set(structured(record.value, record.headers), record.timestamp)
    except Rejected:
        return None
