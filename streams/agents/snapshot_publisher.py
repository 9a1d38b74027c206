"""The publisher of stage 1: it sends snapshots to their compacted topics, keyed by owner."""

from contract.snapshots import IndicatorValue, ProjectCard, Snapshot, TerminalDay
from contract.topics import INDICATOR_VALUES, PROJECT_CARDS, TERMINAL_DAYS
from contract.wire import encode, partition_of, snapshot_key
from streams.transport.outbox import Outbox

__all__ = ["PUBLISH_SECONDS", "SnapshotPublisher"]

PUBLISH_SECONDS = 0.5
"""Between two rounds of snapshots of the days that changed; a round sends each day once."""

TOPIC_OF = {
    TerminalDay: TERMINAL_DAYS,
    ProjectCard: PROJECT_CARDS,
    IndicatorValue: INDICATOR_VALUES,
}


class SnapshotPublisher:
    """Sends snapshots; sending the same one twice changes nothing."""

    def __init__(self, outbox: Outbox, prefix: str = "") -> None:
        self._outbox = outbox
        self._topic_of = {kind: topic.under(prefix) for kind, topic in TOPIC_OF.items()}

    async def publish(self, snapshot: Snapshot) -> None:
        """Send one snapshot."""
        topic, key = self._topic_of[type(snapshot)], snapshot_key(snapshot)
        await self._outbox.put(
            topic.name, key, encode(snapshot), partition_of(key, topic.partitions)
        )
