"""The evidence of any number of files, read by the readers of an import; nothing is sent."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO

from msgspec.structs import replace

from contract.book import Partner
from contract.container_size import length_code
from contract.errors import Misconfigured, Reason, Rejected
from contract.events import Classifier, ContainerMoved, EquipmentEvent
from contract.evidence.file_evidence import FileEvidence, SenderEvidence, Sighting
from producers.evidence.edifact_evidence import SeenBox, seen_boxes
from producers.importing.run import READERS, Import
from producers.importing.tally import ImportTally
from producers.importing.whole_file import RememberedStream
from producers.reading.outcome import Accepted, File, Form, ReadingTerms, Refused

AT_THE_PORT = frozenset(
    (EquipmentEvent.LOAD, EquipmentEvent.DISC, EquipmentEvent.GTIN, EquipmentEvent.GTOT)
)
LATEST = timedelta(minutes=10)  # two clocks may differ by minutes, and time zones by more
NO_ZONE = "none"
LOCAL = Partner(name="local", time_zone="UTC")
UNNAMED = ("carrier", LOCAL.name)
"""The names in a source of DCSA whose publisher is not named."""


class EvidenceCollection(Import):
    """An import that counts what its files show of their senders, and makes no events of them.

    Attributes:
        evidence: what was seen so far.
    """

    def __init__(self, terms: ReadingTerms, now: datetime) -> None:
        super().__init__(terms, None, ImportTally(terms.book, now))
        self._reading_terms = terms
        self._senders: dict[tuple[str, str], SenderEvidence] = {}

    @property
    def evidence(self) -> FileEvidence:
        """What was seen so far."""
        unread = {item.file: item.message for item in self.tally.items if item.kind == "rejected"}
        return FileEvidence(self.tally.files, list(self._senders.values()), unread)

    async def records(
        self, file: File, form: Form, remembered: RememberedStream | None = None
    ) -> None:
        """Note what the records of a file show."""
        try:
            if form is Form.EDIFACT:
                for box in seen_boxes(file.stream, self._reading_terms):
                    self._note_box(file.name, box)
            elif form in (Form.MOVES, Form.DCSA, Form.EVENTS):
                for at, event, offset in self._moves(file, form):
                    self._note_move(form, (file.name, at), event, offset)
        except (Rejected, Misconfigured) as fault:
            await self._give_up(
                file.name, Rejected(Reason.BAD_SYNTAX, str(fault)), remembered, form
            )

    def _moves(self, file: File, form: Form) -> Iterator[tuple[str, ContainerMoved, str]]:
        """Yield place, move and the offset of its time; `none` if it names none."""
        for outcome in READERS[form](file, self._reading_terms):
            if isinstance(outcome, Refused) and outcome.reason is Reason.NAIVE_TIME:
                alone = File(file.name, BytesIO(outcome.original), file.written_at)
                terms = replace(self._reading_terms, partner=LOCAL)
                for again in READERS[form](alone, terms):
                    if isinstance(again, Accepted) and isinstance(again.event, ContainerMoved):
                        yield outcome.at, again.event, NO_ZONE
            elif isinstance(outcome, Accepted) and isinstance(outcome.event, ContainerMoved):
                yield outcome.at, outcome.event, _offset(outcome.event.time)

    def _note_move(
        self, form: Form, place: tuple[str, str], event: ContainerMoved, offset: str
    ) -> None:
        move, (file, at) = event.data, place
        if move.eventClassifierCode is not Classifier.ACT:
            return
        if move.equipmentEventTypeCode not in AT_THE_PORT:
            return
        name = event.source.removeprefix("/dcsa/") if form is Form.DCSA else ""
        sender = self._sender(form, "" if name in UNNAMED else name)
        sender.records.note(file, at)
        _note(sender.terminals.setdefault("", {}), move.facilityCode, file, at)
        _note(sender.times, offset, file, at)
        if move.UNLocationCode:
            _note(sender.ports, move.UNLocationCode, file, at)
        if event.time - event.recordedtime > LATEST:
            sender.ahead.note(file, at)
        self._note_size(sender, move.ISOEquipmentCode or "", file, at)

    def _note_box(self, file: str, box: SeenBox) -> None:
        sender = self._sender(Form.EDIFACT, box.sender)
        sender.records.note(file, box.at)
        for field, code in box.terminals.items():
            _note(sender.terminals.setdefault(field, {}), code, file, box.at)
        if box.port:
            _note(sender.ports, box.port, file, box.at)
        _note(sender.documents.setdefault(box.kind, {}), box.code, file, box.at)
        if box.move is None:
            by_code = sender.unknown_documents.setdefault(box.kind, {})
            _note(by_code.setdefault(box.code, {}), box.status or NO_ZONE, file, box.at)
        self._note_size(sender, box.size, file, box.at)

    def _note_size(self, sender: SenderEvidence, size: str, file: str, at: str) -> None:
        if size and length_code(size) is None:
            _note(sender.unknown_sizes, size, file, at)

    def _sender(self, form: str, name: str) -> SenderEvidence:
        return self._senders.setdefault((form, name), SenderEvidence(form, name))


def _note(seen: dict[str, Sighting], what: str, file: str, at: str) -> None:
    seen.setdefault(what, Sighting()).note(file, at)


def _offset(at: datetime) -> str:
    if at.tzinfo is UTC or not at.utcoffset():
        return "Z"
    return at.strftime("%z")[:3] + ":" + at.strftime("%z")[3:]
