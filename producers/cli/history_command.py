"""What `import --history` does: years of files are read, and sent in the order of their time."""

import time
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path

import click
from msgspec import Struct
from msgspec.structs import replace
from rich.console import Console

from broker.connection import Connection
from broker.topic_settings import topic_settings
from contract.errors import Misconfigured
from contract.topics import RAW
from producers.context import ProducerContext
from producers.history.history_import import (
    HistoryImport,
    refuse_short_retention,
    send_waiting,
)
from producers.history.history_progress import step
from producers.history.history_store import HistoryStore, Waiting
from producers.importing.booked_reports import search_books
from producers.importing.run import Import
from producers.importing.tally import ImportTally
from producers.importing.text_hash import text_hash
from producers.publish.sender import Sender
from producers.reading.input_files import Found
from producers.reading.outcome import Form, ReadingTerms
from producers.reading.release_history import ReleaseHistory

FOLDER = "history-import"  # within the folder of data
PATIENCE_SECONDS = 30.0
DAY_MS = 86_400_000


class HistoryDone(Struct, frozen=True):
    """What a history import did: its counts, what was sent, and what was read before."""

    run: Import
    sent: Waiting
    read_before: int

    @property
    def exit_code(self) -> int:
        """0 if everything is in, 1 if something was refused, 2 if no file could be used."""
        return self.run.exit_code if self.run.tally.files else 0

    def lines(self, tz: tzinfo) -> tuple[str, ...]:
        """Return what was sent, with its days in a time zone, and what to do next."""
        before: tuple[str, ...] = ()
        if self.read_before:
            before = (f"{self.read_before:,} files were read by an earlier import of this folder",)
        if not self.sent.events:
            return (*before, "nothing new was sent")
        first, last = (
            datetime.fromtimestamp(ms / 1000, tz) for ms in (self.sent.first_ms, self.sent.last_ms)
        )
        return (
            *before,
            f"sent: {self.sent.events:,} events of {first:%Y-%m-%d} to {last:%Y-%m-%d}, each "
            "with the time it had",
            "next: `quaymark history load --once-read` shows these years on the boards, as soon "
            "as the worker has booked them",
        )


class HistoryCommand:
    """One history import: the files, how they are read, and where its store is."""

    def __init__(self, producer: ProducerContext, paths: tuple[str, ...], options: str) -> None:
        """`options` are those of the command line that change what the files mean."""
        self._producer, self._options = producer, options
        settings = producer.settings
        names = sorted(str(Path(path).resolve()) for path in paths)
        name = f"{text_hash(settings.prefix, *names):016x}.sqlite"
        self._store_path = Path(settings.folder) / FOLDER / name
        self._console = Console(stderr=True)

    def forget(self) -> None:
        """Remove what an earlier import of these paths has noted."""
        for ending in ("", "-wal", "-shm"):
            Path(f"{self._store_path}{ending}").unlink(missing_ok=True)

    def run(self, terms: ReadingTerms, form: Form | None, found: tuple[Found, ...]) -> HistoryDone:
        """Read the files and send their records in the order of time.

        Raises:
            Misconfigured: there is no file, or the earlier import had other options.
            StackError: no broker answers, or it would not keep the records.
        """
        if any(one.path is None for one in found):
            raise Misconfigured("--history takes folders and files, not standard input")
        producer = self._producer
        retention = self._retention()
        store = HistoryStore(self._store_path, self._options)
        try:
            tally = ImportTally(producer.book, producer.now(), store.database, as_recorded=True)
            own = replace(terms, releases=ReleaseHistory(store.database))
            run = Import(own, form, tally)
            history = HistoryImport(run, store, producer.now())
            producer.run(self._read(history, found))
            waiting = store.waiting()
            refuse_short_retention(store, retention, producer.now(), producer.settings.prefix)
            producer.run(self._send(store, waiting.events + waiting.letters))
            history.sent()
            return HistoryDone(run, waiting, history.read_before)
        finally:
            store.close()

    def _retention(self) -> dict[str, int]:
        """Return raw topic -> milliseconds for which the broker keeps its records, -1 for ever."""
        settings = self._producer.settings
        names = {
            settings.prefix + topic.name: topic.name for topic in RAW if not topic.is_compacted
        }
        found = topic_settings(Connection.of(settings), tuple(names))
        kept = {
            names[name]: int(of_topic.values["retention.ms"]) for name, of_topic in found.items()
        }
        for topic, kept_ms in kept.items():
            if kept_ms >= 0:
                click.echo(
                    f"warning: topic {settings.prefix}{topic} keeps records for "
                    f"{kept_ms / DAY_MS:g} days only; `quaymark topics --mend` lets it keep them "
                    "for ever",
                    err=True,
                )
        return kept

    async def _read(self, history: HistoryImport, found: tuple[Found, ...]) -> None:
        size = sum(one.size for one in found)
        with step("reading", size, self._console, time.monotonic) as progress:
            for number, one in enumerate(found, 1):
                where = f"file {number:,} of {len(found):,}, {one.name}"
                left = one.size

                def report_bytes(read: int, where: str = where) -> None:
                    nonlocal left
                    read = min(read, left)  # an archive unpacks to more than its size
                    left -= read
                    progress.advance(read, where)

                if await history.read(one, report_bytes):
                    progress.advance(left, where)
                else:
                    progress.leave_out(one.size)
            await history.finish(partial(search_books, self._producer.settings))

    async def _send(self, store: HistoryStore, records: int) -> None:
        if not records:
            return
        settings = self._producer.settings
        async with Sender(settings, "import", patience_seconds=PATIENCE_SECONDS) as sender:
            with step("sending", records, self._console, time.monotonic) as progress:
                await send_waiting(store, sender, progress.advance)
