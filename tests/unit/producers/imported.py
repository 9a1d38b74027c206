"""Imports without broker, files or clock: bytes in, tally and events out."""

import asyncio
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from contract import wire
from contract.book import Book, Partner, read_book
from contract.events import ContainerMoved, RawEvent
from contract.snapshots import DeadLetter
from contract.topics import REJECTED
from producers.importing.booked_reports import BookedReports
from producers.importing.report_index import Correction, Match
from producers.importing.run import READERS, Import
from producers.importing.summary import as_json
from producers.importing.tally import ImportTally
from producers.publish.records import Encoded
from producers.reading.input_files import Found
from producers.reading.outcome import File, Form, Outcome, ReadingTerms
from tests.unit.ledger.records import Raw

FIXTURES = Path(__file__).parents[2] / "fixtures"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
WRITTEN_AT = datetime(2026, 11, 1, 9, tzinfo=UTC)

BOOK = read_book(
    """
[port]
time_zone = "Asia/Shanghai"
un_location_code = "CNNTG"

[[area]]
code = "tonghai"
name = { zh = "通海港区", en = "Tonghai port area" }

[[area.terminal]]
code = "THE"
name = { zh = "通海东", en = "Tonghai East" }
aliases = ["EAST"]

[[area.terminal]]
code = "THC"
name = { zh = "通海中", en = "Tonghai Central" }

[zone]
code = "haimen"
name = { zh = "海门经济技术开发区", en = "Haimen Zone" }

[zone.clusters]
offshore = { zh = "海工装备", en = "Offshore equipment" }
biomedicine = { zh = "生物医药", en = "Biomedicine" }

[zone.functional_areas]
riverside = { zh = "滨江", en = "Riverside" }
central = { zh = "中心商务", en = "Central Business" }

[zone.parks]
cruise = { zh = "豪华邮轮装备产业园", en = "Cruise Ship Equipment" }

[[rate]]
currency = "USD"
since = "2016-01-01"
rate = 7.0

[[partner]]
name = "east"
senders = ["EASTTERM"]
time_zone = "Asia/Shanghai"
terminals = { ETCT = "THE" }

[[partner]]
name = "huelva"
senders = ["ESHUV"]
time_zone = "Europe/Madrid"
local_times_marked_z = true
terminals = { CONCHUV = "THC" }
documents = { gate_in = ["34"], gate_out = ["36"] }

[[figures]]
file = "harbour-*.csv"
scope = "harbour"
unit = "thousand TEU"
""",
    "book",
)


def partner(name: str) -> Partner:
    """A partner of the book."""
    return next(partner for partner in BOOK.partner if partner.name == name)


def terms(**said: Any) -> ReadingTerms:
    """How to read, with the book above."""
    return ReadingTerms(book=BOOK, **said)


def outcomes(
    form: Form, raw: bytes | str, said: ReadingTerms | None = None, name: str = "x"
) -> list[Outcome]:
    """What a reader makes of bytes."""
    raw = raw.encode() if isinstance(raw, str) else raw
    file = File(name, io.BytesIO(raw), WRITTEN_AT.timestamp())
    return list(READERS[form](file, said or terms()))


class Imported:
    """An import that was done: its summary as JSON, the events sent, the exit code."""

    def __init__(self, run: Import, sent: list[Encoded]) -> None:
        self.run = run
        self.exit_code = run.exit_code
        self.events: list[RawEvent] = [
            wire.decode(record.value) for record in sent if record.topic != REJECTED.name
        ]
        self.letters: list[DeadLetter] = [
            wire.decode_dead_letter(record.value or b"")
            for record in sent
            if record.topic == REJECTED.name
        ]
        self.summary: dict[str, Any] = msgspec.json.decode(
            as_json(run.tally, sent=run.sent, dry_run=True)
        )

    @property
    def moves(self) -> list[ContainerMoved]:
        """The move events sent."""
        return [event for event in self.events if isinstance(event, ContainerMoved)]

    def items(self, kind: str) -> list[dict[str, str]]:
        """What a person is shown of one kind."""
        return [item for item in self.summary["items"] if item["kind"] == kind]


def imported(
    paths: Iterable[Path],
    said: ReadingTerms | None = None,
    form: Form | None = None,
    now: datetime = NOW,
    book: Book = BOOK,
    booked: Sequence[RawEvent] | None = None,
) -> Imported:
    """Files imported, nothing sent; `booked` is the raw topic of now, None for a dry run."""
    run = Import(said or ReadingTerms(book=book), form, ImportTally(book, now))
    sent: list[Encoded] = []

    async def keep(record: Encoded) -> None:
        sent.append(record)

    async def search(corrections: list[Correction]) -> list[Match]:
        reports = BookedReports(corrections)
        for n, event in enumerate(booked or ()):
            reports.take(Raw(n, wire.encode(event)))
        return reports.matches()

    async def read() -> None:
        for path in paths:
            await run.read(Found(str(path), path), now, lambda size: None)
        await run.finish(None if booked is None else search)

    run.send = keep
    asyncio.run(read())
    return Imported(run, sent)
