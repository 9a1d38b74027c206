"""The register takes records a limited number at once, whatever a fetch brings."""

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest

from stack.explaining import following


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
