"""Records as columns and back: Kafka's own, and what the contract reads in the bytes."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from archive.envelope import Envelope, envelope
from archive.filing import ArchivedRecord
from contract.record import ConsumerRecord, Record

TIME = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    [
        pa.field("partition", pa.int32(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
        pa.field("timestamp", pa.timestamp("ms", tz="UTC"), nullable=False),
        pa.field("key", pa.binary()),
        pa.field("value", pa.binary()),
        pa.field("headers", pa.list_(pa.struct({"name": pa.string(), "value": pa.binary()}))),
        *(
            pa.field(name, TIME if name.endswith("time") else pa.string())
            for name in Envelope.__struct_fields__
        ),
    ]
)
"""A row is a record; the columns of the envelope are empty where it holds no event."""

KAFKAS = SCHEMA.names[:6]
"""The columns that make a record; the others only tell of it."""
REPEATING = ["key", "type", "source"]
"""Columns of few values, written by dictionary; the others would only try and give up."""

_NOTHING = (None,) * len(Envelope.__struct_fields__)


def table_of(records: Sequence[ConsumerRecord]) -> pa.Table:
    """Records as a table."""
    envelopes = list(zip(*map(_envelope, records), strict=True)) or [()] * len(_NOTHING)
    headers = [
        [{"name": name, "value": value} for name, value in record.headers] or None
        for record in records
    ]
    columns: list[Any] = [
        [record.partition for record in records],
        [record.offset for record in records],
        [record.timestamp for record in records],
        [record.key for record in records],
        [record.value for record in records],
        headers,
        *envelopes,
    ]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def records_of(table: pa.Table) -> Iterator[ArchivedRecord]:
    """The records of a table."""
    stamps = table["timestamp"].cast(pa.int64())
    headers = table["headers"]
    bare = headers.null_count == len(headers)
    yield from map(
        ArchivedRecord,
        table["partition"].to_pylist(),
        table["offset"].to_pylist(),
        stamps.to_pylist(),
        table["key"].to_pylist(),
        table["value"].to_pylist(),
        [()] * len(headers) if bare else map(_pairs, headers.to_pylist()),
    )


def _envelope(record: Record) -> tuple[Any, ...]:
    found = envelope(record)
    if found is None:
        return _NOTHING
    return found.type, found.id, found.source, found.time, found.recordedtime


def _pairs(headers: list[dict[str, Any]] | None) -> tuple[tuple[str, bytes], ...]:
    return tuple((header["name"], header["value"]) for header in headers or ())
