"""Dead letters sent again after a restore: those of files, which no worker can make anew."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from archive.manifest import ArchiveManifest
from broker.connection import Connection, kafka_errors, producer, started
from contract.errors import Rejected
from contract.kafka.rights import Operation
from contract.record import ConsumerRecord
from contract.topics import RAW, REJECTED
from contract.wire import decode_dead_letter

MADE_ANEW = frozenset(topic.name for topic in RAW)
"""A worker that reads these topics again rejects the same records again, under their new offsets:
the old dead letters would be a second copy that names offsets of another Kafka."""


def send_rejected(connection: Connection, archive: Path) -> int:
    """Send the dead letters of an archive that came from files; return how many.

    Raises:
        StackError: a file of the archive can't be read, or Kafka does not take them.
    """
    records = [record for record in _archived(archive) if not _is_made_anew(record)]
    if records:
        with kafka_errors(connection, REJECTED.name, operation=Operation.WRITE):
            asyncio.run(_send(connection, records))
    return len(records)


def _archived(archive: Path) -> Iterator[ConsumerRecord]:
    from archive import part as parts  # loads pyarrow

    manifest = ArchiveManifest.read(archive)
    for part in manifest.of(REJECTED.name):
        yield from parts.read(archive, part)


def _is_made_anew(record: ConsumerRecord) -> bool:
    try:
        return decode_dead_letter(record.value or b"").topic in MADE_ANEW
    except Rejected:
        return False  # it is kept as it is: a person may know what to do with it


async def _send(connection: Connection, records: list[ConsumerRecord]) -> None:
    sender: Any = producer(  # aiokafka has no types
        connection, enable_idempotence=True, max_request_size=REJECTED.largest_record
    )
    await started(sender, connection)
    try:
        for record in records:
            await sender.send(
                REJECTED.name,
                record.value,
                record.key,
                partition=0,
                timestamp_ms=record.timestamp,
                headers=list(record.headers),
            )
        await sender.flush()
    finally:
        await sender.stop()
