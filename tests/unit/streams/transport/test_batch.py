"""What a worker books at once: portions of whole record batches, and what a portion knows."""

from broker.record_batch import RecordBatch
from streams.transport.batch import Chunk, FetchedBatch
from tests.unit.broker.built_batches import T0, record_batch


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
