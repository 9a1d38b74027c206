"""Headers whose names are not UTF-8: their records are read, whoever reads them."""

import struct
from collections.abc import Callable

import pytest
from aiokafka import TopicPartition, codec
from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

from broker.lenient_records import _Fetch, _PartitionRecords, records_of

MOVES_0 = TopicPartition("port.moves.raw", 0)
COMPRESS: tuple[Callable[[bytes], bytes], ...] = (
    bytes,
    codec.gzip_encode,
    codec.snappy_encode,
    codec.lz4_encode,
    codec.zstd_encode,
)
"""By the number that a batch's attributes have for it."""
HEADER, ATTRIBUTES, CRC, CHECKED = 61, 22, 17, 21
WHOLE, LATIN = b"Muenchen", b"M\xfcnchen."


def batch(first: int, number: int = 0) -> bytes:
    """Four records, of which the third has such a name."""
    builder = DefaultRecordBatchBuilder(2, 0, False, -1, -1, -1, 1 << 20)
    for n in range(4):
        headers = [("a", b"1"), (WHOLE.decode(), None)] if n == 2 else [("a", WHOLE)]
        key, value = (None, b"%d" % n) if n % 2 else (b"k", None)
        builder.append(n, 1_000 + n, key, value, headers)
    raw = bytes(builder.build())
    at = raw.rindex(WHOLE, 0, raw.rindex(WHOLE))  # the last but one is the name
    raw = raw[:at] + LATIN + raw[at + len(LATIN) :]
    made = bytearray(raw[:HEADER] + COMPRESS[number](raw[HEADER:]))
    made[ATTRIBUTES] |= number
    struct.pack_into(">qi", made, 0, first, len(made) - 12)
    struct.pack_into(">I", made, CRC, calc_crc32c(bytes(made[CHECKED:])))
    return bytes(made)


def test_aiokafka_alone_does_not_read_them() -> None:
    with pytest.raises(UnicodeDecodeError):  # once it does, this module can go
        list(DefaultRecordBatch(batch(0)))


@pytest.mark.parametrize("number", range(len(COMPRESS)))
def test_a_batch_gives_all_its_records(number: int) -> None:
    records = records_of(memoryview(batch(7, number)))

    assert [(r.offset, r.timestamp, r.key, r.value, list(r.headers)) for r in records] == [
        (7, 1_000, b"k", None, [("a", WHOLE)]),
        (8, 1_001, None, b"1", [("a", WHOLE)]),
        (9, 1_002, b"k", None, [("a", b"1"), ("M?nchen.", None)]),
        (10, 1_003, None, b"3", [("a", WHOLE)]),
    ]


def test_a_fetch_gives_each_record_once_from_where_it_was_asked_for() -> None:
    fetch = _Fetch(batch(0) + batch(4, 4))

    found = _PartitionRecords(MOVES_0, fetch, None, 1, None, None, True, 0)

    assert [record.offset for record in found] == [1, 2, 3, 4, 5, 6, 7]
    assert found.next_fetch_offset == 8
