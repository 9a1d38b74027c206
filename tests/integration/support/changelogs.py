"""Changelogs and snapshot topics that Kafka compacts within seconds.

Tests create them before a worker starts, so that Faust does not create its own."""

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

LEDGER_CHANGELOG = "quaymark-ledger-changelog"
KPI_CHANGELOG = "quaymark-kpi-changelog"
COMPACTED = {
    LEDGER_CHANGELOG: RAW_PARTITIONS,
    "quaymark-project-changelog": RAW_PARTITIONS,
    "quaymark-indicator-changelog": RAW_PARTITIONS,
    KPI_CHANGELOG: BOOK_PARTITIONS,
    **{topic.name: BOOK_PARTITIONS for topic in (TERMINAL_DAYS, PROJECT_CARDS, INDICATOR_VALUES)},
}
"""Topic -> partitions."""
FAST_COMPACTION = {
    "cleanup.policy": "compact",
    "segment.ms": "1000",
    "segment.bytes": "1048576",  # the smallest size that Kafka accepts
    "min.cleanable.dirty.ratio": "0.01",
    "min.compaction.lag.ms": "0",
    "max.compaction.lag.ms": "1000",
    "delete.retention.ms": "500",  # tombstones are removed as well
}


def make_compacted(bootstrap: str) -> None:
    """Create these topics with segments that Kafka closes and compacts at once."""

    async def make() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        await admin.start()
        try:
            await admin.create_topics(
                [
                    NewTopic(name, partitions, 1, topic_configs=FAST_COMPACTION)
                    for name, partitions in COMPACTED.items()
                ]
            )
        finally:
            await admin.close()

    asyncio.run(make())


def recreate_topics(bootstrap: str) -> None:
    """Delete all topics and create them again; compacted ones close segments within a second."""
    delete_all_topics(Connection(bootstrap))
    make_compacted(bootstrap)
    create_topics(Connection(bootstrap))
