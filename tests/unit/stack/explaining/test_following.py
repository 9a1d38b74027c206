"""The register takes records a limited number at once, whatever a fetch brings."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from contract.errors import StackError
from contract.topics import Topic
from register.catalog import ANEW, Catalog
from stack.context import Say
from stack.explaining import following
from tests.unit.stack.command_line import quaymark


class Placed(NamedTuple):
    """A record's place."""

    partition: int
    offset: int


class Fetches:
    """A cursor over fetches of these sizes: (partition, records)."""

    def __init__(self, *sizes: tuple[int, int]) -> None:
        self._sizes = sizes

    async def rest(self) -> AsyncIterator[list[Placed]]:
        reached = {partition: 0 for partition, _ in self._sizes}
        for partition, size in self._sizes:
            first = reached[partition]
            reached[partition] += size
            yield [Placed(partition, offset) for offset in range(first, first + size)]


def test_no_addition_is_too_large_and_each_partition_keeps_its_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following, "AT_ONCE", 10)
    found: dict[int, list[int]] = {}

    async def read() -> None:
        cursor = Fetches((0, 7), (1, 5), (0, 25), (1, 1))
        async for batches in following.additions(cursor):  # type: ignore[arg-type]  # a fake
            assert 0 < sum(map(len, batches.values())) <= 10
            for partition, records in batches.items():
                found.setdefault(partition, []).extend(one.offset for one in records)

    asyncio.run(read())

    assert found == {0: list(range(32)), 1: list(range(6))}


class Topics:
    """Topics of one partition each: name -> offsets of the first record and of the end."""

    def __init__(self, **spans: tuple[int, int]) -> None:
        self._spans = {name.replace("_", "."): span for name, span in spans.items()}
        self.at: dict[str, int] = {}

    async def opened(self, topic: Topic) -> Any:
        begin, end = self._spans[topic.name]
        topics = self

        class Cursor:
            def __init__(self) -> None:
                self.begin = {0: begin}

            async def ends(self) -> dict[int, int]:
                return {0: end}

            def seek(self, number: int, offset: int) -> None:
                topics.at[topic.name] = offset

        return Cursor()


def test_it_goes_on_behind_what_was_read_and_past_what_kafka_no_longer_keeps() -> None:
    topics = Topics(port_moves_raw=(0, 9), port_rejected=(5, 8))
    at = following.Following(topics.opened, "", Catalog(reached={0: 7}, reached_rejected=2))

    asyncio.run(at.moves())
    asyncio.run(at.refused())

    assert topics.at == {"port.moves.raw": 7, "port.rejected": 5}


@pytest.mark.parametrize("shorter", ["port.moves.raw", "port.rejected"])
def test_a_topic_that_ends_before_what_was_read_is_another_one(shorter: str) -> None:
    topics = Topics(port_moves_raw=(0, 6), port_rejected=(0, 6))
    read = Catalog(
        reached={0: 7 if shorter == "port.moves.raw" else 6},
        reached_rejected=7 if shorter == "port.rejected" else 6,
    )
    at = following.Following(topics.opened, "", read)
    lacking, whole = at.moves, at.refused
    if shorter == "port.rejected":
        lacking, whole = whole, lacking

    asyncio.run(whole())
    said = f"{shorter}, partition 0, ends at offset 6, but the register has read up to 7"
    with pytest.raises(StackError, match=f"{re.escape(said)}: the topic is new; {ANEW}"):
        asyncio.run(lacking())


def test_what_is_said_while_a_question_waits_is_no_part_of_its_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def started(_: object, say: Say) -> Iterator[None]:
        say("no Kafka was running")
        yield

    def waited(_: object, __: object, ___: object, say: Say, ____: object) -> int:
        say("another process brings this register up to date")
        return 0

    monkeypatch.setattr(following, "running_broker", started)
    monkeypatch.setattr(following, "bring_up_to_date", waited)
    line = ("find", "CSQU3054383", "--json")
    done = quaymark(line, Path(__file__).parents[4], {"QUAYMARK_FOLDER": str(tmp_path)})

    assert json.loads(done.stdout)["records"] == []
    assert done.stderr.splitlines() == [
        "no Kafka was running",
        "another process brings this register up to date",
    ]
