"""What an import came to: each record is counted, flagged, uncounted, rejected or skipped.

Moves and TEU are net: an amended move counts as amended, a retracted one not at all.
"""

from collections import Counter
from datetime import datetime

from msgspec import Struct

from contract.book import Book
from contract.errors import Reason, Rejected
from contract.events import MoveRetracted
from producers.importing.dedup import (
    FINAL,
    Dedup,
    DedupOutcome,
    StandingRecord,
    content_hash,
    milliseconds,
)
from producers.importing.prediction import Prediction, verdict, words_of
from producers.reading.outcome import Accepted, Message, Outcome, Refused, Skipped, Warned, excerpt

MAX_ITEMS = 1_000  # remembered one by one, the rest only in the counts


class Finding(Struct, frozen=True):
    """One thing that a person should see: a flag, a refusal or a warning, and its place."""

    file: str
    at: str
    kind: str
    reason: str
    message: str


class ImportTally:
    """The counts of one import, and the judge of each outcome.

    Attributes:
        counted: records taken without a flag.
        flagged: flag -> records (one record may bear several).
        flagged_records: records that bear a flag; their moves count.
        uncounted: why -> sound moves that are in no sum.
        rejected: reason -> records.
        skipped: why -> records that gave no event.
        events: type -> events taken.
        moves: moves that stand, net.
        now: the moment by which times are judged.
        hundredths: year -> hundredths of a TEU of throughput, net.
    """

    def __init__(self, book: Book, now: datetime) -> None:
        self._book = book
        self.now = now
        self._standing = Dedup()
        self.files = 0
        self.messages = 0
        self.counted = 0
        self.flagged_records = 0
        self.amended = 0
        self.retracted = 0
        self.warnings = 0
        self.moves = 0
        self.flagged: Counter[str] = Counter()
        self.uncounted: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.events: Counter[str] = Counter()
        self.hundredths: Counter[int] = Counter()
        self.items: list[Finding] = []
        self.items_left_out = 0

    @property
    def records(self) -> int:
        """All records met."""
        return (
            self.counted
            + self.flagged_records
            + self.uncounted.total()
            + self.rejected.total()
            + self.skipped.total()
        )

    def add(self, file: str, outcome: Outcome) -> bool:
        """Count one outcome; whether it is an event that the worker should see."""
        match outcome:
            case Message():
                self.messages += 1
            case Skipped():
                self.skipped[outcome.why] += 1
            case Refused():
                self._reject(file, outcome.at, outcome.reason, outcome.message)
            case Warned():
                self.warnings += 1
                self._note(Finding(file, outcome.at, "warning", "", outcome.message))
            case Accepted():
                return self._take(file, outcome)
        return False

    def _take(self, file: str, taken: Accepted) -> bool:
        event = taken.event
        self.events[str(type(event).__struct_config__.tag)] += 1
        try:
            said = verdict(event, self._book, self.now)
        except Rejected as rejected:
            self._reject(file, taken.at, rejected.reason, str(rejected))
            return True  # the worker refuses it itself, and keeps it for a retry
        return self._count(file, taken, said)

    def _count(self, file: str, taken: Accepted, said: Prediction) -> bool:
        """Count an event that stands; False if it only repeats one."""
        event = taken.event
        name, recorded = event.id, milliseconds(event.recordedtime)
        if isinstance(event, MoveRetracted):
            name, recorded = event.data.retractedEventID, FINAL
        stand = StandingRecord(
            recorded, content_hash(said.says), said.year, said.moves, said.hundredths
        )
        fate, was = self._standing.post(event.source, name, stand, closed=said.closed)
        match fate:
            case DedupOutcome.REPEAT | DedupOutcome.OUTDATED:
                self.skipped[fate] += 1
                return False
            case DedupOutcome.CONFLICT:
                message = (
                    f"event {excerpt(event.id)} was read before with other content and the same "
                    "recordedtime; a correction needs a newer one"
                )
                self._reject(file, taken.at, Reason.CONFLICT, message)
                return True
            case DedupOutcome.CLOSED:
                message = (
                    f"{event.time.isoformat()} is more than {self._book.port.open_days} days ago "
                    "and those books are closed; raise port.open_days in quaymark.toml"
                )
                self._reject(file, taken.at, Reason.TOO_OLD, message)
                return True
        if was is not None:
            self.moves -= was.moves
            self.hundredths[was.year] -= was.hundredths
        self.retracted += said.retracts
        self.amended += fate is DedupOutcome.AMENDED and not said.retracts
        self.moves += said.moves
        self.hundredths[said.year] += said.hundredths
        self._class(file, taken, said)
        return True

    def _class(self, file: str, taken: Accepted, said: Prediction) -> None:
        if said.uncounted is not None:
            self.uncounted[said.uncounted] += 1
            return
        for flag in said.flags:
            self.flagged[flag] += 1
            self._note(Finding(file, taken.at, "flagged", flag, words_of(flag, taken.event)))
        for message in taken.odd:
            self.flagged["contradiction"] += 1
            self._note(Finding(file, taken.at, "flagged", "contradiction", message))
        if said.flags or taken.odd:
            self.flagged_records += 1
        else:
            self.counted += 1

    def _reject(self, file: str, at: str, reason: Reason, message: str) -> None:
        self.rejected[reason] += 1
        self._note(Finding(file, at, "rejected", reason, message))

    def _note(self, item: Finding) -> None:
        if len(self.items) < MAX_ITEMS:
            self.items.append(item)
        else:
            self.items_left_out += 1
