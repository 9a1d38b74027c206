"""Counts an import: each record is counted, flagged, uncounted, rejected or skipped.

Moves and TEU are net: an amended move counts as amended, a retracted move does not count.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from sqlite3 import Connection
from typing import get_args

from msgspec import Struct

from contract.book import Book
from contract.errors import Reason, Rejected
from contract.events import ContainerMoved, MoveRetracted, RawEvent
from producers.importing.dedup import (
    FINAL,
    FIRST,
    STANDING,
    Dedup,
    DedupOutcome,
    DedupResult,
    Reported,
    StandingRecord,
    event_key,
    milliseconds,
    recorded_milliseconds,
)
from producers.importing.finding_text import (
    conflict_message,
    container_of,
    no_original_message,
    too_old_message,
)
from producers.importing.habits import SenderHabits
from producers.importing.prediction import Prediction, Predictor, flag_message
from producers.importing.report_index import (
    Group,
    Match,
    ReportIndex,
    scratch_database,
)
from producers.importing.text_hash import text_hash
from producers.reading.outcome import Accepted, Message, Outcome, Refused, Skipped, Warned

NO_ORIGINAL = "no_original"
"""Flag of a correction or cancellation whose original was not found."""
_TAGS = {kind: str(kind.__struct_config__.tag) for kind in get_args(RawEvent)}
"""Type of an event -> its name."""
MAX_ITEMS = 1_000  # findings that are kept; further ones are only counted


class Finding(Struct, frozen=True):
    """A flag, a refusal or a warning that a person should see, and its place."""

    file: str
    at: str
    kind: str
    reason: str
    message: str


class ImportTally:
    """The counts of one import; it predicts what the worker makes of each event.

    Attributes:
        counted: number of records that count and have no flag.
        flagged: flag -> number of records; one record may have several flags.
        flagged_records: number of records that have a flag; they count.
        uncounted: reason -> number of valid moves that are in no sum.
        rejected: reason -> number of refused records.
        skipped: reason -> number of records that give no event.
        events: event type -> number of events.
        moves: number of moves, net of corrections.
        now: the moment as of which times are judged.
        hundredths: year -> hundredths of a TEU of throughput, net.
    """

    def __init__(
        self,
        book: Book,
        now: datetime,
        database: Connection | None = None,
        *,
        as_recorded: bool = False,
    ) -> None:
        """Count in a scratch database, or in one that a later process goes on with.

        `as_recorded`: an event is judged as of its recordedtime, at which it came then.
        """
        self._book = book
        self._predictor = Predictor(book)
        self.now = now
        self._as_recorded = as_recorded
        database = database or scratch_database()
        self._standing = Dedup(database)
        self._reports = ReportIndex(database, self._standing)
        self._habits: dict[str, SenderHabits] = {}
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
        """Number of records read."""
        return (
            self.counted
            + self.flagged_records
            + self.uncounted.total()
            + self.rejected.total()
            + self.skipped.total()
        )

    def add(self, file: str, outcome: Outcome) -> bool:
        """Count one outcome; return whether it is an event to send to the worker."""
        match outcome:
            case Accepted():
                return self._take(file, outcome)
            case Message():
                self.messages += 1
            case Skipped():
                self.skipped[outcome.why] += 1
            case Refused():
                self._reject(file, outcome.at, outcome.reason, outcome.message)
            case Warned():
                self.warnings += 1
                self._note(Finding(file, outcome.at, "warning", "", outcome.message))
        return False

    def _take(self, file: str, taken: Accepted) -> bool:
        event = taken.event
        self.events[_TAGS[type(event)]] += 1
        try:
            at = min(event.recordedtime, self.now) if self._as_recorded else self.now
            prediction = self._predictor.predict(event, at)
        except Rejected as rejected:
            self._reject(file, taken.at, rejected.reason, str(rejected))
            return True  # the worker refuses it, too, and keeps it as a dead letter
        return self._count(file, taken, prediction)

    def _count(self, file: str, taken: Accepted, prediction: Prediction) -> bool:
        """Count an event that stands; return False if it only repeats another."""
        event, reference = taken.event, taken.reference
        name, recorded = event.id, recorded_milliseconds(event.recordedtime)
        if isinstance(event, MoveRetracted):
            name, recorded = event.data.retractedEventID, FINAL
        number = container_of(event)
        reported = Reported.ORIGINAL
        if prediction.retracts:
            reported = Reported.NOTHING
        elif reference is not None and reference.corrects:
            reported = Reported.CHANGE
        record = StandingRecord(
            event_key(event.source, name),
            recorded,
            text_hash(prediction.content),
            text_hash(number) if number else 0,
            prediction.year,
            prediction.moves,
            prediction.hundredths,
            reported._value_,
        )
        result = self._standing.post(record, closed=prediction.closed)
        if reference is not None and isinstance(event, ContainerMoved):
            habits = self._habits.get(event.source)
            if habits is None:
                habits = self._habits[event.source] = SenderHabits()
            habits.note(reference)
            if reported is not Reported.NOTHING:
                self._reports.report(file, event, reference, record)
        confirmed = result.outcome is DedupOutcome.CONFIRMED and reference is not None
        if result is not FIRST and (confirmed or result.outcome not in STANDING):
            return self._set_aside(file, taken, record, result)
        if result.previous is not None:
            self._replace(result.previous)
            self.amended += not prediction.retracts
        self.moves += prediction.moves
        self.hundredths[prediction.year] += prediction.hundredths
        group = self._classify(file, taken, prediction)
        if prediction.retracts or reported is Reported.CHANGE:
            self._reports.correction(file, taken, recorded, group)
        return True

    def _set_aside(
        self, file: str, taken: Accepted, record: StandingRecord, result: DedupResult
    ) -> bool:
        """Count a record that does not stand; return whether the worker must get it."""
        event, (outcome, previous) = taken.event, result
        match outcome:
            case DedupOutcome.CONFIRMED:
                self.skipped[DedupOutcome.REPEAT] += 1
                return True
            case DedupOutcome.CONFLICT:
                other = previous is not None and record.box not in (0, previous.box)
                message = conflict_message(event, other_container=other)
                self._reject(file, taken.at, Reason.CONFLICT, message)
                return True
            case DedupOutcome.CLOSED:
                days = self._book.port.open_days
                message = too_old_message(event, days, as_recorded=self._as_recorded)
                self._reject(file, taken.at, Reason.TOO_OLD, message)
                return True
        self.skipped[outcome] += 1
        return False

    def supersede(self, event: ContainerMoved) -> bool:
        """Take a record that says that its move is not under this id; return whether it stands."""
        number = container_of(event)
        recorded = milliseconds(event.recordedtime)
        key, box = event_key(event.source, event.id), text_hash(number) if number else 0
        record = StandingRecord(key, recorded, text_hash(""), box, 0, 0, 0)
        outcome, previous = self._standing.post(record)
        if outcome is DedupOutcome.AMENDED and previous is not None:
            self._replace(previous)
        return outcome in STANDING

    def matches(self) -> Iterator[Match]:
        """Yield each correction with its original among all that was read."""
        return self._reports.matches()

    def matched(self, match: Match, *, books_searched: bool) -> None:
        """Count a correction as one that found its original, or flag it."""
        correction = match.correction
        if match.found:
            self.retracted += correction.cancels
            self.amended += bool(match.superseded) and not correction.cancels
            return
        message = no_original_message(correction, books_searched=books_searched)
        if correction.group is Group.UNCOUNTED:
            self.warnings += 1
            self._note(Finding(correction.file, correction.at, "warning", "", message))
            return
        self.flagged[NO_ORIGINAL] += 1
        if correction.group is Group.COUNTED:
            self.counted -= 1
            self.flagged_records += 1
        self._note(Finding(correction.file, correction.at, "flagged", NO_ORIGINAL, message))

    def habits(self) -> dict[str, SenderHabits]:
        """Return the habits of the senders of EDIFACT, by source."""
        for source, found in self._reports.habits().items():
            self._habits.setdefault(source, SenderHabits()).complete(found)
        return self._habits

    def flush(self) -> None:
        """Write what waits in memory to the database."""
        self._standing.flush()
        self._reports.flush()

    def settled(self) -> None:
        """Forget the corrections, each of which was matched or flagged."""
        self._reports.settled()

    def _replace(self, previous: StandingRecord) -> None:
        self.moves -= previous.moves
        self.hundredths[previous.year] -= previous.hundredths

    def _classify(self, file: str, taken: Accepted, prediction: Prediction) -> Group:
        if prediction.uncounted is not None:
            self.uncounted[prediction.uncounted] += 1
            return Group.UNCOUNTED
        if not (prediction.flags or taken.odd):
            self.counted += 1
            return Group.COUNTED
        for flag in prediction.flags:
            self.flagged[flag] += 1
            self._note(Finding(file, taken.at, "flagged", flag, flag_message(flag, taken.event)))
        for message in taken.odd:
            self.flagged["contradiction"] += 1
            self._note(Finding(file, taken.at, "flagged", "contradiction", message))
        self.flagged_records += 1
        return Group.FLAGGED

    def _reject(self, file: str, at: str, reason: Reason, message: str) -> None:
        self.rejected[reason] += 1
        self._note(Finding(file, at, "rejected", reason, message))

    def _note(self, item: Finding) -> None:
        if len(self.items) < MAX_ITEMS:
            self.items.append(item)
        else:
            self.items_left_out += 1
