"""The register as of offsets shows what the ledger showed that had read so far."""

import os
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.events import ContainerMoved, MoveRetracted
from contract.snapshots import TerminalDay
from ledger.move_ledger import MoveLedger
from register import at_offsets
from register.at_offsets import sums_at
from register.reading import RegisterReading
from register.selection import Amount, MoveSums, Selection
from register.store import RegisterStore
from stack.explaining.booked_sums import booked_sums
from tests.unit.ledger.records import BOOK, NOW, Raw, moved, retracted, topic
from tests.unit.ledger.test_exactness import events
from tests.unit.register.test_register import arrived

AREA = Selection(area="tonghai")


def snapshots(records: list[Raw], partition: int = 0) -> dict[tuple[object, ...], TerminalDay]:
    """What the ledger publishes that has read these records."""
    ledger = MoveLedger(partition, BOOK)
    ledger.take(records)
    return {(day.terminal, day.on, day.partition): day for day in ledger.snapshots()}


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> RegisterReading:
    """At THE 20, 40 and 45 ft at offsets 0 to 2; then b is retracted, c is one of 20 ft, d is new.

    The register has read all; the books may have read less.
    """
    folder = tmp_path_factory.mktemp("register")
    today = "2026-03-11T08:00:00+08:00"
    store = RegisterStore(folder, BOOK)
    store.add({0: topic([moved("a"), moved("b", size="45G1"), moved("c", size="L5G1")])})
    # a retraction is above all versions, also above later ones
    final = retracted("b", recorded="2026-02-01T09:00:00+08:00")
    new = [moved("c", recorded=today), moved("d", today, terminal="THC")]
    store.add({0: topic([final, *new], first=3, received=NOW + timedelta(days=1))})
    return RegisterReading(folder)


@pytest.mark.parametrize(
    ("upto", "teu", "moves", "later"),
    [
        (0, "1.00", 1, 2),  # a; of b and c only the standing versions came later: c and d
        (2, "5.25", 3, 2),  # 1.00 + 2.00 + 2.25
        (3, "3.25", 2, 2),  # b is retracted
        (4, "2.00", 2, 1),  # c is of 20 ft
        (5, "3.00", 3, 0),  # d at THC
    ],
)
def test_each_offset_has_its_sums(
    reading: RegisterReading, upto: int, teu: str, moves: int, later: int
) -> None:
    found = sums_at(reading, AREA, [], {0: upto})

    assert found == (MoveSums(Amount(teu), moves), later)


def test_a_day_is_summed_to_the_offset_of_its_own_snapshot(reading: RegisterReading) -> None:
    # the snapshot of 1 March at THE is of offset 3, that of THC came with offset 5
    east = TerminalDay("tonghai", "THE", date(2026, 3, 1), 0, 3, (), (), NOW)

    # 3.25 at THE as of offset 3, and 1.00 at THC; the newer version of c came later
    assert sums_at(reading, AREA, [east], {0: 5}) == (MoveSums(Amount("4.25"), 3), 1)


def test_a_register_without_records_has_no_sums(tmp_path: Path) -> None:
    nothing = sums_at(RegisterReading(tmp_path), AREA, [], {})

    assert nothing == (MoveSums(Amount(0), 0), 0)


@settings(max_examples=12, deadline=None)
@given(
    events,
    st.lists(st.integers(0, 30), min_size=1, max_size=5),
    st.tuples(st.integers(0, 60), st.integers(0, 60)),
    st.sets(st.integers(0, 40)),
)
def test_it_equals_the_ledger_at_any_offsets(
    happened: list[ContainerMoved | MoveRetracted],
    gaps: list[int],
    cuts: tuple[int, int],
    stale: set[int],
) -> None:
    """Some days have the snapshot of an earlier offset, as while snapshots are sent."""
    by_partition = arrived(happened, gaps)
    days: list[TerminalDay] = []
    reach: dict[int, int] = {}
    unpublished = 0
    for partition, records in by_partition.items():
        first, last = sorted(min(cut, len(records)) for cut in cuts)
        early, late = (snapshots(records[:cut], partition) for cut in (first, last))
        kept = {key: early[key] for n, key in enumerate(early) if n in stale}
        days += (late | kept).values()
        if last:
            reach[partition] = last - 1
        unpublished = max(unpublished, last - first)

    with (
        TemporaryDirectory() as folder,
        patch.object(os, "fsync"),
        patch.object(at_offsets, "NEWEST", unpublished),
    ):
        store = RegisterStore(Path(folder), BOOK)
        store.add({number: records for number, records in by_partition.items() if records})
        reading = RegisterReading(Path(folder))
        for wanted in (AREA, Selection(area="tonghai", terminal="THE", size_feet="20")):
            found, _ = sums_at(reading, wanted, days, reach)
            assert found == booked_sums(days, wanted)
