"""The import of one file of the inbox, by the code of `quaymark import`."""

import sqlite3
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import structlog

from contract.book import Partner
from contract.errors import Misconfigured, StackError
from producers.context import ProducerContext
from producers.importing.booked_reports import search_books
from producers.importing.run import Import
from producers.importing.summary import as_json
from producers.importing.tally import ImportTally
from producers.inbox.receipt import Imported, RecordCounts
from producers.publish.sender import Sender
from producers.reading.input_files import Found
from producers.reading.outcome import ReadingTerms

REFUSALS = 5  # that a receipt repeats above the summary, which holds all

log = structlog.get_logger(__name__)


class FileImporter:
    """Imports one file after the other through one connection to Kafka.

    Entering its `async with` waits until Kafka is there.
    """

    def __init__(self, producer: ProducerContext) -> None:
        self._producer = producer
        self._sender = Sender(producer.settings, "inbox")

    async def __aenter__(self) -> Self:
        await self._sender.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._sender.__aexit__(kind, error, traceback)

    async def __call__(self, path: Path, name: str, partner: Partner | None) -> Imported:
        """Import a file; returns once Kafka has acknowledged its events.

        Raises:
            StackError: Kafka refuses the events, lacks a topic, or can't be searched for the
                originals of corrections; or the disk of temporary files is full.
            Misconfigured: Kafka refuses the login, as in a rotation that is half done.
        """
        book = self._producer.book
        run = Import(
            ReadingTerms(book=book, partner=partner), None, ImportTally(book, self._producer.now())
        )
        run.send = self._sender.send_encoded
        try:
            await run.read(Found(name, path), self._producer.now(), lambda _: None)
            await run.finish(partial(search_books, self._producer.settings))
        except (StackError, Misconfigured):
            raise
        except sqlite3.Error as error:
            raise StackError(
                f"{name}: the temporary tables of the import fail ({error}): make room in the "
                "folder of temporary files"
            ) from error
        except Exception as error:  # a fault of ours in one file must not hold up all others
            log.exception("inbox.import_failed", file=name)
            fault = f"the import failed by a fault of its own ({type(error).__name__}: {error})"
            return Imported(RecordCounts(), usable=False, refusals=(fault,))
        await self._sender.flush()
        return _told(run)


def _told(run: Import) -> Imported:
    tally = run.tally
    refusals = [
        f"{one.at}: {one.message}" if one.at else one.message
        for one in tally.items
        if one.kind == "rejected"
    ]
    return Imported(
        RecordCounts(
            read=tally.records,
            counted=tally.counted,
            flagged=tally.flagged_records,
            uncounted=tally.uncounted.total(),
            rejected=tally.rejected.total(),
            skipped=tally.skipped.total(),
        ),
        usable=run.exit_code != 2,
        refusals=tuple(refusals[:REFUSALS]),
        summary=msgspec.Raw(as_json(tally, sent=run.sent, dry_run=False)),
    )
