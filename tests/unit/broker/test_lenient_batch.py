"""Headers whose names are not UTF-8: the records of their batch are read all the same."""

import pytest
from aiokafka.record.default_records import DefaultRecordBatch

from broker.lenient_batch import records_of
from tests.unit.broker.built_batches import CODECS, WHOLE, latin_batch


def test_aiokafka_alone_does_not_read_them() -> None:
    with pytest.raises(UnicodeDecodeError):  # once it does, this module can go
        list(DefaultRecordBatch(latin_batch(0)))


@pytest.mark.parametrize("number", CODECS.values())
def test_a_batch_gives_all_its_records(number: int) -> None:
    records = records_of(memoryview(latin_batch(7, number)))

    assert [(r.offset, r.timestamp, r.key, r.value, list(r.headers)) for r in records] == [
        (7, 1_000, b"k", None, [("a", WHOLE)]),
        (8, 1_001, None, b"1", [("a", WHOLE)]),
        (9, 1_002, b"k", None, [("a", b"1"), ("M?nchen.", None)]),
        (10, 1_003, None, b"3", [("a", WHOLE)]),
    ]
