"""The context of the agents: what every one of them reads, writes to and reports to."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from contract.book import Book
from streams.agents.dead_letters import DeadLetters
from streams.agents.snapshot_publisher import SnapshotPublisher
from streams.metrics import WorkerMetrics

__all__ = ["AgentContext"]


class AgentContext(Struct, frozen=True):
    """Made once by `create_worker`, and passed to each agent."""

    book: Book
    publisher: SnapshotPublisher
    dead_letters: DeadLetters
    metrics: WorkerMetrics
    clock: Callable[[], datetime]
