"""Dead letters sent again after a restore: those of files, which no worker can make anew."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from archive.manifest import ArchiveManifest
from contract.errors import Rejected, StackError
from contract.record import ConsumerRecord
from contract.topics import RAW, REJECTED
from contract.wire import decode_dead_letter

MADE_ANEW = frozenset(topic.name for topic in RAW)
"""A worker that reads these topics again rejects the same records again, under their new offsets:
the old dead letters would be a second copy that names offsets of another Kafka."""


def send_rejected(bootstrap: str, archive: Path) -> int:
    """Send the dead letters of an archive that came from files; return how many.

    Raises:
        StackError: a file of the archive can't be read, or Kafka does not take them.
    """
    records = [record for record in _archived(archive) if not _is_made_anew(record)]
    if records:
        try:
            asyncio.run(_send(bootstrap, records))
        except (KafkaError, OSError) as error:
            raise StackError(f"Kafka at {bootstrap}, topic {REJECTED.name}: {error!r}") from error
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


async def _send(bootstrap: str, records: list[ConsumerRecord]) -> None:
    producer: Any = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        max_request_size=REJECTED.largest_record,
    )
    await producer.start()
    try:
        for record in records:
            await producer.send(
                REJECTED.name,
                record.value,
                record.key,
                partition=0,
                timestamp_ms=record.timestamp,
                headers=list(record.headers),
            )
        await producer.flush()
    finally:
        await producer.stop()
