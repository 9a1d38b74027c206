"""The books equal a plain recount, whatever the order, batches, repeats and crashes."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from contract.events import ContainerMoved, MoveRetracted
from ledger import journal, move_ledger
from ledger.journal import Put
from ledger.move_ledger import MoveLedger
from tests.unit.ledger.records import BOOK, Raw, moved, retracted, topic
from tests.unit.ledger.recount import as_recounted, recount

TIMES = (
    "2026-02-28T23:59:59+08:00",
    "2026-02-28T16:00:00Z",  # 1 March in Shanghai
    "2025-12-31T15:59:00Z",
    "2025-12-31T16:00:00Z",
    "2026-03-01T08:15:30+08:00",
    "2026-03-01T08:15:00+08:00",
)
RECORDED = tuple(f"2026-03-0{day}T10:00:00+08:00" for day in range(2, 6))
SOURCES = ("/tonghai/THE", "/tonghai/THW")

ids = st.sampled_from("abcdefgh")
moves = st.builds(
    moved,
    ids,
    st.sampled_from(TIMES),
    recorded=st.sampled_from(RECORDED),
    source=st.sampled_from(SOURCES),
    terminal=st.sampled_from(("THE", "THC")),
    event=st.sampled_from(("LOAD", "LOAD", "DISC", "GTIN", "GTOT", "STUF")),
    size=st.sampled_from(("22G1", "45G1", "L5G1", "A0G0", "M2G1", "0000", None)),
    fill=st.sampled_from(("LADEN", "EMPTY", None)),
    classifier=st.sampled_from(("ACT", "ACT", "ACT", "EST")),
    status=st.sampled_from((None, None, 2, 4, 5, 6, 7, 8)),
    retracted=st.sampled_from((False, False, False, True)),
)
retractions = st.builds(
    retracted, ids, recorded=st.sampled_from(RECORDED), source=st.sampled_from(SOURCES)
)
events = st.lists(st.one_of(moves, moves, moves, retractions), min_size=1, max_size=40)


@contextmanager
def small_blobs() -> Iterator[None]:
    """Levels, merges and columns at sizes that forty moves reach."""
    with (
        patch.object(move_ledger, "SEGMENT", 12),
        patch.object(move_ledger, "SLOTS", 4),
        patch.object(journal, "PLAIN_BELOW", 6),
    ):
        yield


def batches(records: list[Raw], sizes: st.DataObject) -> Iterator[list[Raw]]:
    while records:
        size = sizes.draw(st.integers(1, 15))
        yield records[:size]
        records = records[size:]


@settings(max_examples=80)
@given(events, st.data())
def test_any_order_any_batches_and_any_repeats_give_the_recounted_books(
    happened: list[ContainerMoved | MoveRetracted], data: st.DataObject
) -> None:
    records = topic(happened)
    arrivals = data.draw(st.permutations(records + data.draw(st.lists(st.sampled_from(records)))))
    ledger = MoveLedger(0, BOOK)
    with small_blobs():
        for batch in batches(arrivals, data):
            ledger.take(batch)

    assert as_recounted(ledger.snapshots()) == recount(records)


@settings(max_examples=80)
@given(events, st.data())
def test_a_crash_at_any_point_and_a_replay_from_the_commit_give_the_recounted_books(
    happened: list[ContainerMoved | MoveRetracted], data: st.DataObject
) -> None:
    records = topic(happened)
    changelog: list[Put] = []
    with small_blobs():
        ledger, committed = MoveLedger(0, BOOK), 0
        crashes = data.draw(st.integers(0, 4))
        while committed < len(records):
            at = committed
            batch = next(batches(records[at:], data))
            puts = ledger.take(batch).puts
            puts += [Put(key, None) for put in puts for key in put.then]
            if crashes and data.draw(st.booleans()):
                crashes -= 1
                changelog += puts[: data.draw(st.integers(0, len(puts)))]
                ledger = recovered(changelog, data)
            else:
                changelog += puts
                for put in puts:
                    ledger.acknowledged(put)
                committed += len(batch)

        assert as_recounted(ledger.snapshots()) == recount(records)
        assert as_recounted(recovered(changelog, data).snapshots()) == recount(records)


@settings(max_examples=30)
@given(events, st.data())
def test_in_source_order_the_tally_does_not_depend_on_the_batches(
    happened: list[ContainerMoved | MoveRetracted], data: st.DataObject
) -> None:
    records = topic(happened)
    whole = MoveLedger(0, BOOK).take(records)
    ledger = MoveLedger(0, BOOK)
    parts = [ledger.take(batch) for batch in batches(records, data)]

    def counts(name: str) -> int:
        return sum(getattr(part.tally, name) for part in parts)

    for name in (
        "events",
        "booked",
        "repeats",
        "amended",
        "retracted",
        "without_original",
        "late",
    ):
        assert counts(name) == getattr(whole.tally, name), name
    refused = [refusal for part in parts for refusal in part.refusals]
    assert sorted(refused) == sorted(whole.refusals)
    assert len(records) == sum(
        counts(name) for name in ("booked", "repeats", "amended", "retracted", "without_original")
    ) + sum(not refusal.counted for refusal in refused)


def recovered(changelog: list[Put], data: st.DataObject) -> MoveLedger:
    """A new ledger from the changelog: as written, shuffled, or compacted."""
    if data.draw(st.booleans()):
        changelog = list({put.key: put for put in changelog}.values())
    if data.draw(st.booleans()):
        changelog = data.draw(st.permutations(changelog))
    ledger = MoveLedger(0, BOOK)
    for put in changelog:
        ledger.load(put.key, put.value)
    ledger.settle()
    return ledger
