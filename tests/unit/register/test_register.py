"""An explanation closes: its causes sum to the difference of two recounts by the audit."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from audit.recount import Recount
from audit.totals import TotalKind
from contract.events import ContainerMoved, MoveRetracted
from contract.wire import encode
from register.questions import RegisterQuestions
from register.selection import Selection, SummedUnit
from register.store import RegisterStore
from tests.unit.ledger.records import BOOK, NOW, Raw
from tests.unit.ledger.test_exactness import events

PARTITIONS = 2
START = NOW - timedelta(days=5)


def arrived(
    happened: list[ContainerMoved | MoveRetracted], gaps: list[int]
) -> dict[int, list[Raw]]:
    """Records of two partitions, each `gaps` hours after the one before."""
    by_partition: dict[int, list[Raw]] = {n: [] for n in range(PARTITIONS)}
    at = START
    for i, event in enumerate(happened):
        at += timedelta(hours=gaps[i % len(gaps)])
        records = by_partition[event.source == "/tonghai/THW"]
        records.append(Raw(len(records), encode(event), round(at.timestamp() * 1000)))
    return by_partition


def increments(
    by_partition: dict[int, list[Raw]], sizes: list[int]
) -> Iterator[dict[int, list[Raw]]]:
    """The records of both partitions in parts of these sizes."""
    left = {n: list(records) for n, records in by_partition.items()}
    for size in cycle(sizes):
        part = {n: records[:size] for n, records in left.items() if records}
        if not part:
            return
        yield part
        left = {n: records[size:] for n, records in left.items()}


def recounted(by_partition: dict[int, list[Raw]], at: datetime) -> Counter[TotalKind]:
    recount = Recount(BOOK)
    for partition, records in by_partition.items():
        for record in records:
            if record.timestamp <= at.timestamp() * 1000:
                recount.take(partition, record.timestamp, record.value)
    sums = Counter[TotalKind]()
    for name, amount in recount.totals().items():
        sums[name.figure] += amount
    return sums


@settings(max_examples=10, deadline=None)
@given(
    events,
    st.lists(st.integers(0, 30), min_size=1, max_size=5),
    st.lists(st.integers(1, 12), min_size=1, max_size=4),
    st.tuples(st.integers(0, 60), st.integers(0, 60)),
)
def test_the_causes_sum_to_the_difference_of_two_recounts(
    happened: list[ContainerMoved | MoveRetracted],
    gaps: list[int],
    sizes: list[int],
    sevenths: tuple[int, int],
) -> None:
    by_partition = arrived(happened, gaps)
    since, until = (START + timedelta(hours=7 * count) for count in sorted(sevenths))
    with TemporaryDirectory() as folder, patch.object(os, "fsync"):
        store = RegisterStore(Path(folder), BOOK)
        for increment in increments(by_partition, sizes):
            store.add(increment)
        ask = RegisterQuestions(Path(folder), BOOK.tz)
        for measure, figure, unit in (
            (SummedUnit.TEU, TotalKind.TEU, 100),
            (SummedUnit.MOVES, TotalKind.MOVES, 1),
        ):
            explained = ask.change(Selection(), measure, since, until)
            old, new = recounted(by_partition, since), recounted(by_partition, until)
            assert explained.old == Decimal(old[figure]) / unit
            assert explained.new == Decimal(new[figure]) / unit
            assert explained.unexplained == 0
