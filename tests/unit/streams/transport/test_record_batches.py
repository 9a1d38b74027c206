"""What a fetch brings, as record batches: which are handed on, and which of their records."""

import struct
from collections.abc import Iterator
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

from streams.transport.batch import Chunk, FetchedBatch
from streams.transport.record_batches import RecordBatch, _Fetch, _PartitionRecords

MOVES_0 = TopicPartition("port.moves.raw", 0)
CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
T0 = 1_772_000_000_000  # when Kafka got the record of offset 0; each later one a millisecond later


@pytest.fixture(autouse=True)
def _moves_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_PartitionRecords, "unread", frozenset({MOVES_0.topic}))


def record_batch(first: int, records: int, codec: str = "lz4", producer: int = -1) -> bytes:
    """As a producer sends it, with the offsets that the broker gave its records."""
    transactional = producer >= 0
    builder = DefaultRecordBatchBuilder(
        2, CODECS[codec], transactional, producer, 0 if transactional else -1, -1, 1 << 20
    )
    for n in range(records):
        builder.append(n, T0 + first + n, b"key %d" % (first + n), b"%d" % (first + n), [])
    return struct.pack(">q", first) + bytes(builder.build())[8:]


def abort_marker(offset: int, producer: int) -> bytes:
    """The control batch that ends a transaction: key = version 0, type 0 (abort)."""
    builder = DefaultRecordBatchBuilder(2, 0, True, producer, 0, -1, 1 << 10)
    builder.append(0, T0, struct.pack(">hh", 0, 0), struct.pack(">hi", 0, 0), [])
    raw = bytearray(struct.pack(">q", offset) + bytes(builder.build())[8:])
    raw[22] |= 1 << 5  # attributes, bit 5: control batch
    struct.pack_into(">I", raw, 17, calc_crc32c(bytes(raw[21:])))
    return bytes(raw)


def fetched(
    *batches: bytes,
    position: int = 0,
    aborted: list[tuple[int, int]] | None = None,
    tp: TopicPartition = MOVES_0,
) -> Any:
    return _PartitionRecords(
        tp,
        _Fetch(b"".join(batches)),
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


def batches(*counts: int) -> list[RecordBatch]:
    made, first = [], 0
    for count in counts:
        made.append(RecordBatch(memoryview(record_batch(first, count)), first, first + count))
        first += count
    return made


def test_a_batch_is_booked_in_portions_of_whole_record_batches() -> None:
    batch, seen = FetchedBatch(batches(3, 3, 5, 1, 1, 9)), []

    for chunk in batch.chunks(6):
        seen.append((batch.first, [record.offset for record in chunk]))

    assert seen == [
        (0, [0, 1, 2, 3, 4, 5]),
        (6, [6, 7, 8, 9, 10, 11]),
        (12, [12]),
        (13, [*range(13, 22)]),  # more than a portion, but one record batch
    ]


def test_a_chunk_knows_its_records_by_offset_their_keys_and_when_the_first_came() -> None:
    _, second = batches(3, 4)
    chunk = Chunk([RecordBatch(memoryview(record_batch(0, 3)), 1, 3), second])
    assert chunk.received_ms is None

    values = [record.value for record in chunk]

    assert values == [b"1", b"2", b"3", b"4", b"5", b"6"]
    assert [record.value for record in chunk] == values  # again: a poisoned chunk is halved
    assert chunk.keys == {b"key %d" % n: 1 for n in range(1, 7)}
    assert chunk.received_ms == T0 + 1
    assert [chunk.at(offset).value for offset in (6, 3, 2, 1, 4)] == [
        b"6",
        b"3",
        b"2",
        b"1",
        b"4",
    ]
