"""One import: reads files of any form, judges and counts each record, and sends the events."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from msgspec.structs import replace

from contract.errors import Misconfigured, Reason, Rejected
from contract.snapshots import DeadLetter
from contract.topics import REJECTED
from contract.wire import decode, encode, event_key
from producers.csv import indicators, moves, projects
from producers.dcsa import equipment_events
from producers.edifact import json_wrapper, reader
from producers.importing import events_json
from producers.importing.detect import HEAD_BYTES, form_of
from producers.importing.tally import ImportTally
from producers.open_contracting import oc4ids, ocds
from producers.publish.records import Encoded
from producers.reading.input_files import Found, Rewound, opened
from producers.reading.outcome import (
    Accepted,
    File,
    Form,
    Outcome,
    Outcomes,
    ReadingTerms,
    Refused,
    refusal,
)
from producers.reading.release_history import ReleaseHistory
from producers.reading.utf16 import as_utf8

READERS: dict[Form, Callable[[File, ReadingTerms], Outcomes]] = {
    Form.EDIFACT: reader.read,
    Form.DCSA: equipment_events.read,
    Form.EVENTS: events_json.read,
    Form.EDI_JSON: json_wrapper.read,
    Form.OC4IDS: oc4ids.read,
    Form.OCDS: ocds.read,
    Form.MOVES: moves.read,
    Form.PROJECTS: projects.read,
    Form.INDICATORS: indicators.read,
}
"""Form -> its reader."""

IN_A_FILE = "file"  # the `topic` of a dead letter whose record stood in a file

Send = Callable[[Encoded], Awaitable[None]]


class Import:
    """One import of any number of files.

    Attributes:
        send: sends a record to Kafka; by default it drops the record, as a dry run does.
        tally: the counts of the records by outcome.
        sent: number of events sent.
        unusable: number of files of which nothing could be read.
    """

    def __init__(self, terms: ReadingTerms, form: Form | None, tally: ImportTally) -> None:
        self._terms = replace(terms, releases=ReleaseHistory())
        self._form = form
        self.send: Send = _drop
        self.tally = tally
        self.sent = 0
        self.unusable = 0

    @property
    def exit_code(self) -> int:
        """0 if everything is in, 1 if something was refused, 2 if nothing could be used."""
        if self.unusable == self.tally.files:
            return 2
        return 1 if self.tally.rejected.total() else 0

    async def read(self, found: Found, now: datetime, report_bytes: Callable[[int], None]) -> None:
        """Read one file, and report the bytes read; a file that can't be read is one refusal."""
        self.tally.files += 1
        try:
            # The clock of the machine that wrote the file may be ahead of ours.
            written_at = min(now.timestamp(), found.path.stat().st_mtime if found.path else 1e18)
            stream = opened(found)
        except OSError as error:
            self._give_up(found, Rejected(Reason.BAD_SYNTAX, f"can't be read: {error.strerror}"))
            return
        with stream:
            text = as_utf8(stream)
            head = text.read(HEAD_BYTES)
            try:
                form = self._form or form_of(head, self._terms.partner)
            except Rejected as rejected:
                self._give_up(found, rejected, head)
                return
            await self.records(
                File(found.name, Rewound(head, text, report_bytes), written_at), form
            )

    async def records(self, file: File, form: Form) -> None:
        """Read the records of a file whose form is known."""
        before = self.tally.records
        try:
            for outcome in READERS[form](file, self._terms):
                await self._record(file.name, form, outcome)
        except Rejected as rejected:
            await self._record(file.name, form, refusal("", rejected))
        except Misconfigured as error:
            self.tally.add(file.name, Refused("", Reason.MISSING_FIELD, str(error)))
            self.unusable += 1
            return
        if self.tally.records == before:
            nothing = Refused("", Reason.BAD_SYNTAX, f"read as {form}, the file holds no record")
            self.tally.add(file.name, nothing)
            self.unusable += 1

    async def _record(self, file: str, form: Form, outcome: Outcome) -> None:
        """Count one outcome; send its event, or the dead letter of what was refused."""
        raw = b""
        if isinstance(outcome, Accepted):
            raw = encode(outcome.event)
            try:
                decode(raw)  # as the worker does, which refuses a code or an id that is too long
            except Rejected as rejected:
                outcome = refusal(outcome.at, rejected, raw)
        to_send = self.tally.add(file, outcome)
        if isinstance(outcome, Accepted) and to_send:
            await self.send(Encoded(outcome.event.TOPIC, event_key(outcome.event), raw))
            self.sent += 1
        elif isinstance(outcome, Refused):
            await self.send(_dead_letter(file, form, outcome, self.tally.now))

    def _give_up(self, found: Found, rejected: Rejected, head: bytes = b"") -> None:
        self.unusable += 1
        self.tally.add(found.name, refusal("", rejected, head))


def _dead_letter(file: str, form: Form, refused: Refused, now: datetime) -> Encoded:
    """Return the dead letter of a refused record; it was never in Kafka, so it has no offset."""
    dead_letter = DeadLetter(
        topic=IN_A_FILE,
        partition=-1,
        offset=-1,
        reason=refused.reason,
        error=f"{refused.at}: {refused.message}" if refused.at else refused.message,
        value=refused.original,
        key=form.encode(),
        at=now,
        origin=f"{file}: {refused.at}",
    )
    return Encoded(
        REJECTED.name, f"{file}|{refused.at}".encode(errors="replace"), encode(dead_letter)
    )


async def _drop(record: Encoded) -> None:
    """Drop the record, as a dry run does."""
