"""The books of one raw partition: container moves by terminal and day, each move counted once.

`take` folds a batch and says what to write to the changelog; `load` and `settle` bring the books
back from there.  One duty is left to the caller: a source offset is committed only after every
`Put` of the records below it is acknowledged.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from contract.book import Book
from contract.errors import Reason
from contract.move_class import UncountedCause
from contract.record import Record
from contract.snapshots import TerminalDay
from ledger.classification import CAUSES
from ledger.equipment import FAULTS, number_faults
from ledger.facts import NOWHERE, RETRACTED, UNCOUNTED, FactOutcome, Facts
from ledger.fold import Dispute, StandingFacts
from ledger.journal import SEGMENT, SLOTS, LedgerPlace, Put, blob, unblob
from ledger.judge import Judge, JudgedBatch, Refusal
from ledger.places import Places
from ledger.refusal_text import booked_otherwise, closed_since, no_size
from ledger.sums import Cell
from ledger.zone_time import ZoneTime, day_number, day_of, utc

GATHER = 65_536  # facts that recovery folds at once
NO_ORIGINAL = "no_original"  # a retraction that found no move to take back
NOT_ACTUAL = CAUSES.index(UncountedCause.NOT_ACTUAL)
FIRST = 1  # day since 1970: the day before stands for all that went before it


class BatchTally(Struct):
    """What became of the events of a batch.

    Each event is one of booked, amended, retracted, without_original, repeats and the refused.
    """

    events: int = 0
    booked: int = 0
    repeats: int = 0
    """Changed nothing: duplicates, older records, records of a move already retracted."""
    amended: int = 0
    retracted: int = 0
    """Took a move back that was booked."""
    without_original: int = 0
    """Retractions that found no move to take back; in `uncounted`, too."""
    late: int = 0
    """Changed a day before the one before Kafka got it."""
    uncounted: dict[str, int] = {}
    """Why -> events that are in no sum."""
    flagged: dict[str, int] = {}
    """Flag -> moves counted although something is wrong with the box's number or size."""
    newest: datetime | None = None
    """Event time of the newest actual move."""


class BatchResult(Struct, frozen=True):
    """What a batch changed, and what is to be done about it."""

    puts: list[Put]
    touched: set[tuple[LedgerPlace, date]]
    """Places and days whose sums changed, or may not have been told of yet."""
    refusals: list[Refusal]
    tally: BatchTally


class MoveLedger:
    """The facts of one raw partition and their sums."""

    def __init__(self, partition: int, book: Book) -> None:
        self._partition = partition
        self._book = book
        self._places = Places()
        self._judge = Judge(book, self._places)
        self._zone_time = ZoneTime(book.tz)
        self._standing = StandingFacts()
        self._offset = -1
        self._gathered: list[Facts] = []
        self._gathered_facts = 0
        self._small: dict[bytes, Facts] = {}  # blobs of level 0 that are not merged yet
        self._merging: bytes | None = (
            None  # key of the merged blob that awaits its acknowledgement
        )

    @property
    def facts(self) -> int:
        """How many facts it holds."""
        return len(self._standing)

    def take(self, records: Iterable[Record]) -> BatchResult:
        """Fold a batch of the raw topic; its records are iterated once, and not kept."""
        self.settle()
        judged = self._judge.judge(records)
        first_open = np.maximum(judged.received - self._book.port.open_days, FIRST)
        fates, disputes, cells = self._standing.fold(judged.facts, first_open)
        refusals = judged.refusals
        refusals += (
            self._refusal(dispute, int(first_open[dispute.at]), judged.numbers[dispute.at])
            for dispute in disputes
        )
        kept = fates <= FactOutcome.SAME
        refusals += (
            Refusal(offset, Reason.UNKNOWN_SIZE, no_size(), True, judged.at_hand.get(offset))
            for offset in judged.facts["offset"][kept & judged.unsized].tolist()
        )
        self._offset = max(self._offset, judged.last)
        return BatchResult(
            self._journal(np.take(judged.facts, np.flatnonzero(kept))),
            self._spell(cells),
            refusals,
            _tally(judged, fates),
        )

    def load(self, key: bytes, value: bytes | None) -> None:
        """Gather a changelog record; they may come in any order and any number of times.

        Raises:
            QuaymarkError: it can't be read.
        """
        if value is None:
            self._small.pop(key, None)
            return
        level, places, facts = unblob(key, value)
        if places != self._places.table:
            codes = np.full(256, NOWHERE, np.uint8)
            codes[: len(places)] = [self._places.code(place) for place in places]
            facts["place"] = codes[facts["place"]]
        if level == 0:
            self._small[key] = facts
        self._gathered.append(facts)
        self._gathered_facts += len(facts)
        if self._gathered_facts >= GATHER:
            self.settle()

    def settle(self) -> None:
        """Fold what `load` gathered."""
        if not self._gathered:
            return
        facts = np.concatenate(self._gathered)
        self._gathered, self._gathered_facts = [], 0
        # a fact stands in its small blob and in the merged one until compaction: once is enough
        order = np.lexsort((facts["offset"], facts["head"]))
        facts = np.take(facts, order)
        again = (facts["head"][1:] == facts["head"][:-1]) & (
            facts["offset"][1:] == facts["offset"][:-1]
        )
        facts = np.take(facts, np.flatnonzero(np.concatenate([[True], ~again])))
        self._standing.fold(facts, first_open=0)
        # A day that an amendment or a retraction emptied is told of, too: whoever read it last may
        # have told it while it was full, and died before it told it again.
        self._standing.know(facts)
        self._offset = max(self._offset, int(facts["offset"].max()))

    def acknowledged(self, put: Put) -> None:
        """The changelog has this put: what it merged may be deleted, the next merge be cut."""
        if put.key == self._merging:
            self._merging = None

    def snapshot(self, terminal: LedgerPlace | str, on: date) -> TerminalDay:
        """The sums of a terminal on a day; a bare code means the terminal in its area of today."""
        place = (
            terminal
            if isinstance(terminal, LedgerPlace)
            else LedgerPlace(self._book.area_of[terminal], terminal)
        )
        code, day = self._places.code(place), day_number(on)
        sums = self._standing.of((code, day))
        return TerminalDay(
            area=place.area,
            terminal=place.terminal,
            on=on,
            partition=self._partition,
            offset=self._offset,
            classes=sums.classes(),
            hours=tuple(sums.hours),
            newest=self._zone_time.instant(day, max(sums.newest, 0)),
        )

    def snapshots(self) -> Iterator[TerminalDay]:
        """The sums of every terminal and day it has booked anything on."""
        for code, day in self._standing.cells:
            yield self.snapshot(self._places.table[code], day_of(day))

    def _spell(self, cells: set[Cell]) -> set[tuple[LedgerPlace, date]]:
        return {(self._places.table[code], day_of(day)) for code, day in cells}

    def _refusal(self, dispute: Dispute, first_open: int, number: str) -> Refusal:
        _, fate, came, stands = dispute
        if fate is FactOutcome.CONFLICT:
            error = booked_otherwise(came, stands, number, self._places.table)
            return Refusal(came.offset, Reason.CONFLICT, error)
        error = closed_since(came, stands, first_open, self._places.table)
        return Refusal(came.offset, Reason.TOO_OLD, error)

    def _journal(self, facts: Facts) -> list[Put]:
        """The puts of facts to keep, by the levels of the journal."""
        if len(facts) >= SEGMENT:
            return [blob(1, self._places.table, facts)]
        open_facts = sum(map(len, self._small.values())) + len(facts)
        full = open_facts >= SEGMENT or len(self._small) >= SLOTS
        if full and self._merging is None:
            then = tuple(self._small)
            merged = np.concatenate([*self._small.values(), facts])
            put = blob(1, self._places.table, merged, then)
            self._merging = put.key if then else None
            self._small = {}
            return [put]
        if not len(facts):
            return []
        put = blob(0, self._places.table, facts)
        self._small[put.key] = facts
        return [put]


def _tally(judged: JudgedBatch, fates: npt.NDArray[np.uint8]) -> BatchTally:
    kind = judged.facts["kind"]
    changed = fates <= FactOutcome.NEWER
    # A record that is retracted and not actual says that its move is reported under another id.
    elsewhere = (kind == RETRACTED) & (judged.causes == NOT_ACTUAL)
    retraction = changed & (kind == RETRACTED) & ~elsewhere
    without_original = int((retraction & (fates == FactOutcome.NEW)).sum())
    counted = changed & (kind < UNCOUNTED)
    newest = judged.seconds[(kind < UNCOUNTED) & (fates <= FactOutcome.REPEAT)].max(
        initial=-np.inf
    )
    faults = np.bincount(number_faults(judged.numbers)[counted], minlength=len(FAULTS) + 1)
    causes = np.bincount(judged.causes[changed & (kind == UNCOUNTED)], minlength=len(CAUSES))
    why = (*zip(CAUSES, causes, strict=True), (NO_ORIGINAL, without_original))
    wrong = (*faults[1:], (counted & judged.unsized).sum())
    flagged = dict(zip((*FAULTS, "unknown_size"), wrong, strict=True))
    return BatchTally(
        events=judged.events,
        booked=int(((fates == FactOutcome.NEW) & ~retraction).sum()),
        repeats=int(((fates == FactOutcome.SAME) | (fates == FactOutcome.REPEAT)).sum()),
        amended=int(((fates == FactOutcome.NEWER) & ~retraction).sum()),
        retracted=int(retraction.sum()) - without_original,
        without_original=without_original,
        late=int((counted & (judged.facts["day"].astype(np.int64) < judged.received - 1)).sum()),
        uncounted={cause: int(n) for cause, n in why if cause and n},
        flagged={flag: int(n) for flag, n in flagged.items() if n},
        newest=utc(newest) if np.isfinite(newest) else None,
    )
