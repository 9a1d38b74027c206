"""Record batches as Kafka hands them out, built by aiokafka's own writer and then made odd."""

import struct
from collections.abc import Callable

from aiokafka import codec
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
"""Name -> the number that a batch's attributes have for it."""
COMPRESS: tuple[Callable[[bytes], bytes], ...] = (
    bytes,
    codec.gzip_encode,
    codec.snappy_encode,
    codec.lz4_encode,
    codec.zstd_encode,
)
"""The same, by that number."""
T0 = 1_772_000_000_000
"""When Kafka got the record of offset 0; each later one came a millisecond later."""
HEADER, ATTRIBUTES, CRC, CHECKED = 61, 22, 17, 21  # where a batch has them
WHOLE, LATIN = b"Muenchen", b"M\xfcnchen."


def record_batch(first: int, records: int, codec: str = "lz4", producer: int = -1) -> bytes:
    """Return a batch with the offsets that the broker gave its records."""
    transactional = producer >= 0
    builder = DefaultRecordBatchBuilder(
        2, CODECS[codec], transactional, producer, 0 if transactional else -1, -1, 1 << 20
    )
    for n in range(records):
        builder.append(n, T0 + first + n, b"key %d" % (first + n), b"%d" % (first + n), [])
    return struct.pack(">q", first) + bytes(builder.build())[8:]


def abort_marker(offset: int, producer: int) -> bytes:
    """Return the control batch that ends a transaction: key = version 0, type 0 (abort)."""
    builder = DefaultRecordBatchBuilder(2, 0, True, producer, 0, -1, 1 << 10)
    builder.append(0, T0, struct.pack(">hh", 0, 0), struct.pack(">hi", 0, 0), [])
    raw = bytearray(struct.pack(">q", offset) + bytes(builder.build())[8:])
    raw[ATTRIBUTES] |= 1 << 5  # attributes, bit 5: control batch
    struct.pack_into(">I", raw, CRC, calc_crc32c(bytes(raw[CHECKED:])))
    return bytes(raw)


def latin_batch(first: int, number: int = 0) -> bytes:
    """Return four records, of which the third has a header whose name is not UTF-8."""
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
