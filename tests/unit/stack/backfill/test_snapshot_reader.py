"""Which records of the snapshot topics make up the past."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self

import msgspec
import pytest

from broker.connection import Connection
from contract.book import read_book
from contract.events import RawEvent, TargetSet
from contract.published.examples import EXAMPLES
from contract.topics import TARGETS, Topic
from contract.wire import encode
from stack.backfill import snapshot_reader

BOOK = read_book(Path("quaymark.toml").read_text(encoding="utf-8"), "quaymark.toml")
GIVEN = next(event for event in EXAMPLES if isinstance(event, TargetSet))
OTHER = next(event for event in EXAMPLES if not isinstance(event, TargetSet))


class StoredRecord(NamedTuple):
    """A record as the reader returns it."""

    value: bytes
    timestamp: int
    headers: tuple[tuple[str, bytes], ...] = ()


def got_at_once(event: RawEvent, hours_before: int = 0) -> StoredRecord:
    """The record of an event that Kafka got so long before it was recorded."""
    return StoredRecord(
        encode(event), int(event.recordedtime.timestamp() - hours_before * 3600) * 1000
    )


def test_a_target_that_the_worker_refuses_is_no_part_of_the_past(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ahead = msgspec.structs.replace(GIVEN, id="dated-ahead")
    records = [got_at_once(GIVEN), got_at_once(ahead, hours_before=2), got_at_once(OTHER)]
    taken: list[Any] = []

    class Topics:
        def __init__(self, _: str, topic: Topic) -> None:
            self._records = records if topic == TARGETS else []

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def rest(self) -> Iterator[list[StoredRecord]]:
            yield self._records

    class Collected:
        def __init__(self, _: Any) -> None:
            pass

        def take(self, value: Any) -> None:
            taken.append(value)

    monkeypatch.setattr(snapshot_reader, "TopicReading", Topics)
    monkeypatch.setattr(snapshot_reader, "PastOfOwners", Collected)
    snapshot_reader.read_past(Connection("nowhere:1"), BOOK)
    assert taken == [GIVEN]  # one is dated two hours ahead of its arrival, one is no target
