"""One file of an archive: written so that it is whole or does not count, read and checked."""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from archive.columns import KAFKAS, REPEATING, records_of, table_of
from archive.filing import ArchivedRecord, instant
from archive.manifest import OffsetSpan, Part
from contract.errors import StackError
from contract.record import ConsumerRecord

ZSTD_LEVEL = 3
ROWS_AT_ONCE = 50_000
CHUNK_BYTES = 1 << 20


def write(
    folder: Path,
    topic: str,
    day: date,
    number: int,
    records: Sequence[ConsumerRecord],
    spans: Mapping[int, OffsetSpan],
) -> Part:
    """Write a day's records; the file counts once the manifest names it.

    Raises:
        StackError: it can't be written; nothing half-made is left under its name.
    """
    table = table_of(records)
    sent, happened = pc.min_max(table["timestamp"]), pc.min_max(table["time"])
    part = Part(
        topic,
        day,
        number,
        len(records),
        0,
        "",
        dict(spans),
        instant(sent["min"].value * 1000),
        instant(sent["max"].value * 1000),
        *(instant(end.value) if end.is_valid else None for end in happened.values()),
    )
    path = folder / part.path
    making = path.with_suffix(".making")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(
            table,
            making,
            compression="zstd",
            compression_level=ZSTD_LEVEL,
            use_dictionary=REPEATING,
        )
        with making.open("rb+") as file:
            os.fsync(file.fileno())
        making.replace(path)
        return _measured(part, path)
    except OSError as error:
        making.unlink(missing_ok=True)
        raise StackError(
            f"{path}: {error.strerror or error}; make room, then run it again"
        ) from None


def read(folder: Path, part: Part) -> Iterator[ArchivedRecord]:
    """The records of a file, in the order in which they were filed.

    Raises:
        StackError: it can't be read.
    """
    try:
        file = pq.ParquetFile(folder / part.path)
        for batch in file.iter_batches(ROWS_AT_ONCE, columns=KAFKAS):
            yield from records_of(pa.Table.from_batches([batch]))
    except (OSError, pa.ArrowException) as error:
        raise StackError(f"{folder / part.path}: {error}") from None


def fault(folder: Path, part: Part) -> str | None:
    """What is wrong with a file's bytes; None if they are those that were written."""
    path = folder / part.path
    try:
        size = path.stat().st_size
        if size != part.size:
            return f"has {size} bytes, {part.size} were written"
        if _sha256(path) != part.sha256:
            return "has another checksum than was written"
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"can't be read: {error.strerror}"
    return None


def _measured(part: Part, path: Path) -> Part:
    return Part(
        part.topic,
        part.day,
        part.number,
        part.records,
        path.stat().st_size,
        _sha256(path),
        part.spans,
        part.first_sent,
        part.last_sent,
        part.first_event,
        part.last_event,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
