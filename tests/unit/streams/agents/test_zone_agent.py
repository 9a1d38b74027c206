"""The agent of a zone's events, with stand-ins for its state table and for Kafka."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

from faust.types import TP
from prometheus_client import CollectorRegistry

from contract.book import Book
from contract.errors import Reason
from contract.events import ProjectRegistered
from contract.published.examples import EXAMPLES
from contract.topics import PROJECTS
from contract.wire import encode
from streams.agents.agent_context import AgentContext
from streams.agents.zone_agent import LARGEST_CARD, CardTopic, ZoneAgent
from streams.metrics import WorkerMetrics
from tests.unit.ledger.records import BOOK, NOW

EVENT = next(encode(event) for event in EXAMPLES if isinstance(event, ProjectRegistered))
NOW_MS = round(NOW.timestamp() * 1000)


def test_a_card_that_its_changelog_would_not_take_is_refused_and_the_rest_goes_on() -> None:
    kept: dict[bytes, bytes] = {}
    refused: list[tuple[int, Reason]] = []

    class State:
        get = staticmethod(kept.get)

        async def put(self, partition: int, key: bytes, value: bytes) -> None:
            kept[key] = value

    class Publisher:
        async def publish(self, snapshot: Any) -> None:
            """Nobody reads it."""

    class DeadLetters:
        async def put(self, tp: TP, record: Any, reason: Reason, error: str) -> None:
            refused.append((record.offset, reason))

    def post(
        state: bytes | None, event: Any, book: Book, partition: int, offset: int
    ) -> tuple[bytes, Any]:
        return b"x" * (LARGEST_CARD + offset), None  # one that grows by a byte an event

    publisher: Any = Publisher()
    dead_letters: Any = DeadLetters()
    state: Any = State()
    metrics = WorkerMetrics(CollectorRegistry())
    agent = ZoneAgent(
        AgentContext(BOOK, publisher, dead_letters, metrics, lambda: NOW),
        CardTopic(PROJECTS, (ProjectRegistered,), lambda project: str(project.project), post),
        state,
    )
    records = [
        SimpleNamespace(offset=offset, timestamp=NOW_MS, value=EVENT, headers=())
        for offset in (0, 1, -1)
    ]
    batch = SimpleNamespace(records=lambda: records, done=False)

    async def events() -> AsyncIterator[Any]:
        yield SimpleNamespace(message=SimpleNamespace(tp=TP(PROJECTS.name, 0)), value=batch)

    stream: Any = SimpleNamespace(events=events)
    asyncio.run(agent.work(stream))

    assert refused == [(1, Reason.LIMIT_REACHED)]
    assert list(map(len, kept.values())) == [LARGEST_CARD - 1]
    assert batch.done
