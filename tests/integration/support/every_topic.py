"""Deletion of every topic of a broker between two tests."""

from broker.admin import delete_topics, partitions
from broker.connection import Connection


def delete_all_topics(connection: Connection) -> None:
    """Delete every topic of a broker except Kafka's internal ones."""
    delete_topics(connection, [name for name in partitions(connection) if name[:2] != "__"])
