"""The desk of a zone's events, with stand-ins for its shelf and for Kafka."""

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
from streams.agents.zone_agent import LARGEST_CARD, ZoneAgent
from streams.metrics import WorkerMetrics
from tests.unit.ledger.records import BOOK, NOW

EVENT = next(encode(event) for event in EXAMPLES if isinstance(event, ProjectRegistered))
NOW_MS = round(NOW.timestamp() * 1000)


def test_a_card_that_its_changelog_would_not_take_is_refused_and_the_rest_goes_on() -> None:
    kept: dict[bytes, bytes] = {}
    refused: list[tuple[int, Reason]] = []

    class Shelf:
        get = staticmethod(kept.get)

        async def put(self, partition: int, key: bytes, value: bytes) -> None:
            kept[key] = value

    class Announcer:
        async def say(self, snapshot: Any) -> None:
            """Nobody listens."""

    class DeadLetters:
        async def put(self, tp: TP, record: Any, reason: Reason, error: str) -> None:
            refused.append((record.offset, reason))

    def post(
        state: bytes | None, event: Any, book: Book, partition: int, offset: int
    ) -> tuple[bytes, Any]:
        return b"x" * (LARGEST_CARD + offset), None  # one that grows by a byte an event

    parts: dict[str, Any] = {"announcer": Announcer(), "dead_letters": DeadLetters()}
    shelf: Any = Shelf()
    desk = ZoneAgent(
        PROJECTS,
        (ProjectRegistered,),
        lambda project: str(project.project),
        post,
        shelf,
        book=BOOK,
        meters=WorkerMetrics(CollectorRegistry()),
        clock=lambda: NOW,
        **parts,
    )
    records = [
        SimpleNamespace(offset=offset, timestamp=NOW_MS, value=EVENT, headers=())
        for offset in (0, 1, -1)
    ]
    batch = SimpleNamespace(records=lambda: records, done=False)

    async def events() -> AsyncIterator[Any]:
        yield SimpleNamespace(message=SimpleNamespace(tp=TP(PROJECTS.name, 0)), value=batch)

    stream: Any = SimpleNamespace(events=events)
    asyncio.run(desk.work(stream))

    assert refused == [(1, Reason.LIMIT_REACHED)]
    assert list(map(len, kept.values())) == [LARGEST_CARD - 1]
    assert batch.done
