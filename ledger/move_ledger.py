"""The books of one raw partition: container moves by terminal and day, each move counted once.

`take` folds a batch and returns what to write to the changelog; `load` and `settle` restore the
books from there.  The caller has one duty: it commits a source offset only after every `Put` of
the records below that offset is acknowledged.
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
from ledger.facts import NO_TERMINAL, RETRACTED, UNCOUNTED, FactOutcome, Facts
from ledger.fold import CurrentFacts, Dispute, first_open_days
from ledger.journal import SEGMENT, SLOTS, BookedTerminal, Put, blob, unblob
from ledger.judge import Judge, JudgedBatch, Refusal
from ledger.refusal_text import conflict_text, too_old_text, unknown_size_text
from ledger.sums import Cell
from ledger.terminal_table import TerminalTable
from ledger.zone_time import ZoneTime, day_number, day_of, utc

GATHER = 65_536  # facts that recovery folds at once
NO_ORIGINAL = "no_original"
"""The cause by which retractions are counted that found no move to take back."""
NOT_ACTUAL = CAUSES.index(UncountedCause.NOT_ACTUAL)


class BatchTally(Struct):
    """The counts of a batch.

    Each event is one of booked, amended, retracted, without_original, repeats, or rejected.
    """

    events: int = 0
    booked: int = 0
    repeats: int = 0
    """Events that changed nothing: duplicates, older records, records of a retracted move."""
    amended: int = 0
    retracted: int = 0
    """Events that took back a move in the books."""
    without_original: int = 0
    """Retractions that found no move to take back; `uncounted` has them, too."""
    late: int = 0
    """Events of a day earlier than the day before Kafka got them."""
    uncounted: dict[str, int] = {}
    """Cause -> events that are in no sum."""
    flagged: dict[str, int] = {}
    """Flag -> moves that count although the container's number or size is faulty."""
    newest: datetime | None = None
    """The event time of the newest actual move."""


class BatchResult(Struct, frozen=True):
    """The result of a batch: what to write, which days to announce, and what was rejected."""

    puts: list[Put]
    touched: set[tuple[BookedTerminal, date]]
    """Terminals and days whose sums changed, or may not have been announced yet."""
    refusals: list[Refusal]
    tally: BatchTally


class MoveLedger:
    """The facts of one raw partition and their sums."""

    def __init__(self, partition: int, book: Book) -> None:
        self._partition = partition
        self._book = book
        self._terminals = TerminalTable()
        self._judge = Judge(book, self._terminals)
        self._zone_time = ZoneTime(book.tz)
        self._facts = CurrentFacts()
        self._offset = -1
        self._gathered: list[Facts] = []
        self._gathered_facts = 0
        self._small: dict[bytes, Facts] = {}  # blobs of level 0 that are not merged yet
        self._merging: bytes | None = None
        """The key of the merged blob that is not acknowledged yet."""

    @property
    def facts(self) -> int:
        """The number of facts in the ledger."""
        return len(self._facts)

    def take(self, records: Iterable[Record]) -> BatchResult:
        """Fold a batch of the raw topic; its records are iterated once."""
        self.settle()
        judged = self._judge.judge(records)
        first_open = first_open_days(judged.received, self._book.port.open_days)
        outcomes, disputes, cells = self._facts.fold(judged.facts, first_open)
        refusals = judged.refusals
        refusals += (
            self._refusal(dispute, int(first_open[dispute.at]), judged.numbers[dispute.at])
            for dispute in disputes
        )
        kept = outcomes <= FactOutcome.SAME
        refusals += (
            Refusal(
                offset,
                Reason.UNKNOWN_SIZE,
                unknown_size_text(),
                True,
                judged.unsized_records.get(offset),
            )
            for offset in judged.facts["offset"][kept & judged.unsized].tolist()
        )
        self._offset = max(self._offset, judged.last)
        return BatchResult(
            self._journal(np.take(judged.facts, np.flatnonzero(kept))),
            self._named(cells),
            refusals,
            _tally(judged, outcomes),
        )

    def load(self, key: bytes, value: bytes | None) -> None:
        """Collect a changelog record; order and repetition of the records have no effect.

        Raises:
            QuaymarkError: the record cannot be read.
        """
        if value is None:
            self._small.pop(key, None)
            return
        level, terminals, facts = unblob(key, value)
        if terminals != self._terminals.table:
            codes = np.full(256, NO_TERMINAL, np.uint8)
            codes[: len(terminals)] = [self._terminals.code(one) for one in terminals]
            facts["terminal"] = codes[facts["terminal"]]
        if level == 0:
            self._small[key] = facts
        self._gathered.append(facts)
        self._gathered_facts += len(facts)
        if self._gathered_facts >= GATHER:
            self.settle()

    def settle(self) -> None:
        """Fold the facts that `load` collected."""
        if not self._gathered:
            return
        facts = np.concatenate(self._gathered)
        self._gathered, self._gathered_facts = [], 0
        # until compaction a fact is in its small blob and in the merged one: once is enough
        order = np.lexsort((facts["offset"], facts["head"]))
        facts = np.take(facts, order)
        again = (facts["head"][1:] == facts["head"][:-1]) & (
            facts["offset"][1:] == facts["offset"][:-1]
        )
        facts = np.take(facts, np.flatnonzero(np.concatenate([[True], ~again])))
        self._facts.fold(facts, first_open=0)
        # A day that an amendment or a retraction emptied is announced, too: the worker that read
        # it before may have announced it while it was full, and died before it did so again.
        self._facts.note_cells(facts)
        self._offset = max(self._offset, int(facts["offset"].max()))

    def acknowledged(self, put: Put) -> None:
        """Note that the changelog has a put; after a merge, the next merge may begin."""
        if put.key == self._merging:
            self._merging = None

    def snapshot(self, terminal: BookedTerminal | str, on: date) -> TerminalDay:
        """Return the sums of a terminal's day; a bare code is the terminal in its present area."""
        booked = (
            terminal
            if isinstance(terminal, BookedTerminal)
            else BookedTerminal(self._book.area_of[terminal], terminal)
        )
        code, day = self._terminals.code(booked), day_number(on)
        sums = self._facts.of((code, day))
        return TerminalDay(
            area=booked.area,
            terminal=booked.terminal,
            on=on,
            partition=self._partition,
            offset=self._offset,
            classes=sums.classes(),
            hours=tuple(sums.hours),
            newest=self._zone_time.instant(day, max(sums.newest, 0)),
        )

    def snapshots(self) -> Iterator[TerminalDay]:
        """Return the sums of every terminal and day on which anything was ever booked."""
        for code, day in self._facts.cells:
            yield self.snapshot(self._terminals.table[code], day_of(day))

    def _named(self, cells: set[Cell]) -> set[tuple[BookedTerminal, date]]:
        return {(self._terminals.table[code], day_of(day)) for code, day in cells}

    def _refusal(self, dispute: Dispute, first_open: int, number: str) -> Refusal:
        _, outcome, new, held = dispute
        if outcome is FactOutcome.CONFLICT:
            error = conflict_text(new, held, number, self._terminals.table)
            return Refusal(new.offset, Reason.CONFLICT, error)
        error = too_old_text(new, held, first_open, self._terminals.table)
        return Refusal(new.offset, Reason.TOO_OLD, error)

    def _journal(self, facts: Facts) -> list[Put]:
        """Return the puts for facts to keep, by the levels of the journal."""
        if len(facts) >= SEGMENT:
            return [blob(1, self._terminals.table, facts)]
        open_facts = sum(map(len, self._small.values())) + len(facts)
        full = open_facts >= SEGMENT or len(self._small) >= SLOTS
        if full and self._merging is None:
            then = tuple(self._small)
            merged = np.concatenate([*self._small.values(), facts])
            put = blob(1, self._terminals.table, merged, then)
            self._merging = put.key if then else None
            self._small = {}
            return [put]
        if not len(facts):
            return []
        put = blob(0, self._terminals.table, facts)
        self._small[put.key] = facts
        return [put]


def _tally(judged: JudgedBatch, outcomes: npt.NDArray[np.uint8]) -> BatchTally:
    kind = judged.facts["kind"]
    changed = outcomes <= FactOutcome.NEWER
    # A record that is retracted and not actual says that its move is reported under another id.
    elsewhere = (kind == RETRACTED) & (judged.causes == NOT_ACTUAL)
    retraction = changed & (kind == RETRACTED) & ~elsewhere
    without_original = int((retraction & (outcomes == FactOutcome.NEW)).sum())
    counted = changed & (kind < UNCOUNTED)
    newest = judged.seconds[(kind < UNCOUNTED) & (outcomes <= FactOutcome.REPEAT)].max(
        initial=-np.inf
    )
    faults = np.bincount(number_faults(judged.numbers)[counted], minlength=len(FAULTS) + 1)
    causes = np.bincount(judged.causes[changed & (kind == UNCOUNTED)], minlength=len(CAUSES))
    by_cause = (*zip(CAUSES, causes, strict=True), (NO_ORIGINAL, without_original))
    counts = (*faults[1:], (counted & judged.unsized).sum())
    flagged = dict(zip((*FAULTS, "unknown_size"), counts, strict=True))
    return BatchTally(
        events=judged.events,
        booked=int(((outcomes == FactOutcome.NEW) & ~retraction).sum()),
        repeats=int(((outcomes == FactOutcome.SAME) | (outcomes == FactOutcome.REPEAT)).sum()),
        amended=int(((outcomes == FactOutcome.NEWER) & ~retraction).sum()),
        retracted=int(retraction.sum()) - without_original,
        without_original=without_original,
        late=int((counted & (judged.facts["day"].astype(np.int64) < judged.received - 1)).sum()),
        uncounted={cause: int(n) for cause, n in by_cause if cause and n},
        flagged={flag: int(n) for flag, n in flagged.items() if n},
        newest=utc(newest) if np.isfinite(newest) else None,
    )
