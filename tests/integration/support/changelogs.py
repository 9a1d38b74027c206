"""Changelogs and snapshot topics that are compacted within seconds, made before a worker is."""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from broker.admin import create_topics
from broker.connection import Connection
from contract.topics import (
    BOOK_PARTITIONS,
    INDICATOR_VALUES,
    PROJECT_CARDS,
    RAW_PARTITIONS,
    TERMINAL_DAYS,
)
from tests.integration.support.every_topic import delete_all_topics

JOURNAL = "quaymark-ledger-changelog"
SHELF = "quaymark-kpi-changelog"
COMPACTED = {
    JOURNAL: RAW_PARTITIONS,
    "quaymark-project-changelog": RAW_PARTITIONS,
    "quaymark-indicator-changelog": RAW_PARTITIONS,
    SHELF: BOOK_PARTITIONS,
    **{topic.name: BOOK_PARTITIONS for topic in (TERMINAL_DAYS, PROJECT_CARDS, INDICATOR_VALUES)},
}
"""Topic -> partitions."""
EAGER = {
    "cleanup.policy": "compact",
    "segment.ms": "1000",
    "segment.bytes": "1048576",  # Kafka takes no less
    "min.cleanable.dirty.ratio": "0.01",
    "min.compaction.lag.ms": "0",
    "max.compaction.lag.ms": "1000",
    "delete.retention.ms": "500",  # tombstones go, too
}


def make_compacted(bootstrap: str) -> None:
    """Make these topics with segments that close and are compacted at once."""

    async def make() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        await admin.start()
        try:
            await admin.create_topics(
                [
                    NewTopic(name, partitions, 1, topic_configs=EAGER)
                    for name, partitions in COMPACTED.items()
                ]
            )
        finally:
            await admin.close()

    asyncio.run(make())


def raise_topics(bootstrap: str) -> None:
    """All topics anew, those that are compacted with segments that close within a second."""
    delete_all_topics(Connection(bootstrap))
    make_compacted(bootstrap)
    create_topics(Connection(bootstrap))
