"""A history import: files are read into a store, and what waits there is sent in order of time."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from contract.errors import StackError
from contract.topics import REJECTED
from contract.wire import decode_dead_letter, encode, epoch_ms
from producers.history.history_store import HistoryStore
from producers.history.tally_note import go_on_from, noted
from producers.importing.run import BooksSearch, Import
from producers.publish.records import Encoded, recorded_ms
from producers.publish.sender import Sender
from producers.reading.input_files import Found

COUNTS = "counts"
PIECE_BYTES = 1 << 20


class HistoryImport:
    """Reads files that were not read before, and lets their records wait in the store.

    A record has the time at which its event was recorded, which is when it would have come then.

    Attributes:
        read_before: number of files that an earlier process has read.
    """

    def __init__(self, run: Import, store: HistoryStore, now: datetime) -> None:
        self._run, self._store, self._now = run, store, now
        self._now_ms = epoch_ms(now)
        self._came_ms = 0
        self.read_before = 0
        run.send = self._keep
        if note := store.note(COUNTS):
            go_on_from(run, note)

    async def read(self, found: Found, report_bytes: Callable[[int], None]) -> bool:
        """Read a file; return False if an earlier process has read these bytes already.

        What was read of the file is kept whole, or not at all if this process is killed.
        """
        digest = _digest(found)
        if digest is not None and self._store.has_file(digest):
            self.read_before += 1
            return False
        self._came_ms = self._now_ms
        if found.path is not None and digest is not None:
            self._came_ms = min(self._now_ms, round(found.path.stat().st_mtime * 1000))
        used = self._used()
        await self._run.read(found, self._now, report_bytes)
        if digest is not None and self._used() > used:
            self._store.keep_file(digest, found.name)  # others are read again by the next import
        self._commit()
        return True

    async def finish(self, search: BooksSearch) -> None:
        """Match the corrections with their originals, once all files are read."""
        await self._run.finish(search)
        self._run.tally.settled()
        self._commit()

    def sent(self) -> None:
        """Note that everything was sent: the next import knows the moves, but counts from 0."""
        self._store.keep_note(COUNTS, b"")
        self._store.commit()
        self._store.shrink()

    def _used(self) -> int:
        """Return how much was got of the files: events, and sound records that give none."""
        return self._run.sent + self._run.tally.skipped.total()

    def _commit(self) -> None:
        self._run.tally.flush()
        self._store.keep_note(COUNTS, noted(self._run))
        self._store.commit()

    async def _keep(self, record: Encoded) -> None:
        """Let a record wait; a dead letter is read again as history, by its `received_at`."""
        value = record.value or b""
        if record.topic == REJECTED.name:
            at = datetime.fromtimestamp(self._came_ms / 1000, self._now.tzinfo)
            value = encode(replace(decode_dead_letter(value), received_at=at))
            self._store.add(self._came_ms, replace(record, value=value))
            return
        self._came_ms = recorded_ms(value, self._now_ms)
        self._store.add(self._came_ms, replace(record, timestamp_ms=self._came_ms))


async def send_waiting(store: HistoryStore, sender: Sender, sent: Callable[[int], None]) -> None:
    """Send what waits in the order of its time; each stretch is forgotten once Kafka has it."""
    for stretch in store.stretches():
        for record in stretch:
            await sender.send_encoded(record)
        await sender.flush()
        sent(len(stretch))


def refuse_short_retention(
    store: HistoryStore, retention_ms: dict[str, int], now: datetime, prefix: str
) -> None:
    """Refuse to send records that Kafka would delete at once, as they are older than it keeps.

    `retention_ms` is topic of the contract -> milliseconds, -1 for ever.

    Raises:
        StackError: which topic, how long it keeps records, and what to do.
    """
    for topic, kept_ms in retention_ms.items():
        waiting = store.waiting(topic)
        if waiting.events and 0 <= kept_ms < epoch_ms(now) - waiting.first_ms:
            first = datetime.fromtimestamp(waiting.first_ms / 1000, now.tzinfo)
            raise StackError(
                f"topic {prefix}{topic} keeps records for {kept_ms / 86_400_000:g} days and would "
                f"delete those since {first:%Y-%m-%d}: let it keep them for ever "
                "(`quaymark topics --mend`), and run the same command again; nothing was sent yet"
            )


def _digest(found: Found) -> bytes | None:
    """Return the digest of a file; None if it can't be read, which the import reports."""
    assert found.path is not None
    digest = hashlib.sha256()
    try:
        with found.path.open("rb") as stream:
            while piece := stream.read(PIECE_BYTES):
                digest.update(piece)
    except OSError:
        return None
    return digest.digest()
