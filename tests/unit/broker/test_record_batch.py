"""What a fetch brings of an unread topic: which batches come, and which of their records."""

from collections.abc import Iterator
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException

from broker.client_mends import _FetchedBatches, _PartitionRecords
from broker.record_batch import RecordBatch
from tests.unit.broker.built_batches import CODECS, T0, abort_marker, record_batch

MOVES_0 = TopicPartition("port.moves.raw", 0)


@pytest.fixture(autouse=True)
def _moves_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_PartitionRecords, "unread_topics", frozenset({MOVES_0.topic}))


def fetched(
    *batches: bytes,
    position: int = 0,
    aborted: list[tuple[int, int]] | None = None,
    tp: TopicPartition = MOVES_0,
) -> Any:
    return _PartitionRecords(
        tp,
        _FetchedBatches(b"".join(batches)),
        aborted,
        position,
        None,
        None,
        True,
        fetcher.READ_COMMITTED,
    )


def offsets(batches: Iterator[RecordBatch] | list[RecordBatch]) -> list[list[int]]:
    return [[record.offset for record in batch.records()] for batch in batches]


@pytest.mark.parametrize("codec", CODECS)
def test_however_a_producer_compressed_its_records_come_as_they_were(codec: str) -> None:
    (batch,) = fetched(record_batch(7, 3, codec))

    for _ in "once", "again":
        assert [(r.offset, r.key, r.value, r.timestamp) for r in batch.records()] == [
            (7, b"key 7", b"7", T0 + 7),
            (8, b"key 8", b"8", T0 + 8),
            (9, b"key 9", b"9", T0 + 9),
        ]


def test_a_batch_comes_whole_and_gives_what_was_asked_for() -> None:
    source = fetched(record_batch(0, 4), record_batch(4, 3), position=2)

    batches = list(source)

    assert offsets(batches) == [[2, 3], [4, 5, 6]]
    assert [(batch.first, batch.following) for batch in batches] == [(2, 4), (4, 7)]
    assert source.next_fetch_offset == 7


def test_a_batch_cut_off_at_the_end_of_a_fetch_is_left_for_the_next_one() -> None:
    source = fetched(record_batch(0, 4), record_batch(4, 3)[:-5])

    assert offsets(list(source)) == [[0, 1, 2, 3]]
    assert source.next_fetch_offset == 4


def test_what_lies_in_an_aborted_transaction_is_passed_over_and_its_marker() -> None:
    source = fetched(
        record_batch(0, 2, producer=5),
        record_batch(2, 2, producer=6),
        abort_marker(4, 5),
        record_batch(5, 1, producer=5),
        aborted=[(5, 0)],
    )

    assert offsets(list(source)) == [[2, 3], [5]]
    assert source.next_fetch_offset == 6


def test_a_batch_that_is_not_what_was_written_is_refused() -> None:
    torn = bytearray(record_batch(2, 2, "none"))
    torn[-3] ^= 1
    source = fetched(record_batch(0, 2), bytes(torn))
    batches = iter(source)

    assert offsets([next(batches)]) == [[0, 1]]
    with pytest.raises(CorruptRecordException, match="Invalid CRC"):
        next(batches)
    assert source.next_fetch_offset not in (2, 4)  # so aiokafka fetches it again


def test_a_fetch_read_a_few_batches_at_a_time_gives_all_of_them() -> None:
    source = fetched(record_batch(0, 3), record_batch(3, 40), record_batch(43, 2))

    found = [offsets([next(iter(source))]) for _ in range(3)]

    assert found == [[[0, 1, 2]], [[*range(3, 43)]], [[43, 44]]]


def test_other_topics_come_as_aiokafka_hands_them_on() -> None:
    days = TopicPartition("port.terminal.days", 0)

    (first, second) = fetched(record_batch(3, 2, "zstd"), tp=days)

    assert (first.topic, first.offset, second.offset, second.value) == (days.topic, 3, 4, b"4")
