"""The fold of facts by their join, and the sums that follow from it."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ledger.fact_store import FactStore, Heads, Indices
from ledger.facts import (
    QUAY,
    UNCOUNTED,
    FactOutcome,
    FactRow,
    Facts,
    are_of_one_container,
    counted,
    have_same_content,
    outcome_of,
    rows_of,
)
from ledger.sums import UNSURE, Cell, DaySum, Sums

FIRST = 1  # day since 1970: day 0 holds everything before it, too, and is always closed


def first_open_days(received: npt.NDArray[np.int64], open_days: int) -> npt.NDArray[np.int64]:
    """Return the first day that was open on each of the days on which Kafka got a record."""
    return np.maximum(received - open_days, FIRST)


class Dispute(NamedTuple):
    """A rejected fact, and the fact held for the same id."""

    at: int
    """Index in the batch."""
    outcome: FactOutcome
    new: FactRow
    held: FactRow | None


class FoldResult(NamedTuple):
    """The result of folding a batch."""

    outcomes: npt.NDArray[np.uint8]
    """The FactOutcome of each fact."""
    disputes: list[Dispute]
    cells: set[Cell]
    """Terminals and days whose sums changed, or whose facts were read again or overtaken.

    A worker that read these records before, in smaller batches, and was lost before the journal
    had them may have announced a day with the sums in between.  Only this worker can announce it
    again.
    """


class _Batch(NamedTuple):
    """A batch sorted by head; each fact's position in the batch, and its id's in the runs."""

    order: Indices
    heads: Heads
    rows: Facts
    first_open: npt.NDArray[np.int64]
    """The first day that was open when Kafka got each."""
    run: Indices
    position: Indices


class CurrentFacts:
    """The fact held for each id, and the sums of these facts."""

    def __init__(self) -> None:
        self._runs = FactStore()
        self._sums = Sums()

    def __len__(self) -> int:
        return len(self._runs)

    @property
    def cells(self) -> list[Cell]:
        """Every terminal and day on which anything was ever booked."""
        return list(self._sums)

    def note_cells(self, facts: Facts) -> None:
        """Note the terminals and days of facts, so that `cells` has those that became empty."""
        self._sums.note_cells(facts)

    def of(self, cell: Cell) -> DaySum:
        """Return the sums of a terminal and day."""
        sums = self._sums.of(cell)
        if sums.newest == UNSURE:
            sums.newest = self._runs.newest_minute(*cell, QUAY)
        return sums

    def fold(self, facts: Facts, first_open: npt.NDArray[np.int64] | int) -> FoldResult:
        """Join facts with those held; days before `first_open` (of each fact) are closed.

        A fact that names no container takes the container of the fact that it replaces, in `facts`
        too.  So all facts of an id that the journal holds are of one container.
        """
        order = np.argsort(facts["head"], kind="stable")
        heads = facts["head"][order]
        opened = np.broadcast_to(np.asarray(first_open, np.int64), order.shape)[order]
        rows = rows_of(np.take(facts, order))
        batch = _Batch(order, heads, rows, opened, *self._runs.find(heads))
        outcomes, slow = self._fold_at_once(batch)
        kept, disputes = self._fold_singly(batch, slow, outcomes)
        facts["rest"][order] = batch.rows["rest"]
        cells = self._post(batch, np.flatnonzero(~slow & (outcomes == FactOutcome.NEW)), kept)
        overtaken = slow & (outcomes <= FactOutcome.NEWER)
        overtaken[kept] = False
        again = counted(
            np.take(batch.rows, np.flatnonzero(overtaken | (outcomes == FactOutcome.SAME)))
        )
        cells.update(zip(again["terminal"].tolist(), again["day"].tolist(), strict=True))
        in_order = np.empty_like(outcomes)
        in_order[order] = outcomes
        return FoldResult(in_order, disputes, cells)

    def _fold_at_once(self, batch: _Batch) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
        """Return the outcomes of most facts, and which are left for `_fold_singly`.

        Most have an id that occurs once in the batch, and are new or change nothing.
        """
        heads, rows = batch.heads, batch.rows
        outcomes = np.full(len(rows), FactOutcome.NEW, np.uint8)
        twin = np.zeros(len(rows), bool)
        twin[1:] = heads[1:] == heads[:-1]
        twin[:-1] |= twin[1:]
        slow = twin | (rows["kind"] < UNCOUNTED) & (rows["day"] < batch.first_open)
        known = np.flatnonzero((batch.run >= 0) & ~slow)
        if len(known):
            new = np.take(rows, known)
            held = self._runs.rows(batch.run[known], batch.position[known])
            same_id, equal = are_of_one_container(new, held), have_same_content(new, held)
            as_old = new["recorded"] == held["recorded"]
            same = same_id & equal & as_old & (new["offset"] == held["offset"])
            repeat = same_id & (
                (new["recorded"] < held["recorded"])
                | (as_old & equal & (new["offset"] > held["offset"]))
            )
            outcomes[known] = np.where(same, FactOutcome.SAME, FactOutcome.REPEAT)
            slow[known[~(same | repeat)]] = True
            rows["rest"][known[same]] |= held["rest"][same]
        return outcomes, slow

    def _fold_singly(
        self,
        batch: _Batch,
        slow: npt.NDArray[np.bool_],
        outcomes: npt.NDArray[np.uint8],
    ) -> tuple[list[int], list[Dispute]]:
        """Set the outcomes of those left, in source order; return those to keep, and disputes."""
        kept: dict[int, int] = {}  # head -> index
        disputes: list[Dispute] = []
        left = np.flatnonzero(slow)
        for i in left[np.argsort(batch.order[left])].tolist():
            head = int(batch.heads[i])
            new, held = FactRow.of(batch.rows[i]), None
            if head in kept:
                held = FactRow.of(batch.rows[kept[head]])
            elif batch.run[i] >= 0:
                at = slice(i, i + 1)
                held = FactRow.of(self._runs.rows(batch.run[at], batch.position[at])[0])
            outcome = outcome_of(new, held, int(batch.first_open[i]))
            outcomes[i] = outcome
            if held is not None and outcome in (FactOutcome.NEWER, FactOutcome.SAME):
                batch.rows["rest"][i] |= held.rest
            if outcome in (FactOutcome.NEW, FactOutcome.NEWER):
                kept[head] = i
            elif outcome in (FactOutcome.CONFLICT, FactOutcome.TOO_OLD):
                disputes.append(Dispute(int(batch.order[i]), outcome, new, held))
        return sorted(kept.values()), disputes

    def _post(self, batch: _Batch, fresh: Indices, kept: list[int]) -> set[Cell]:
        """Update facts and sums; return the cells that changed."""
        singly = np.array(kept, np.intp)
        known = batch.run[singly] >= 0
        changed, fresh = singly[known], np.sort(np.concatenate([fresh, singly[~known]]))
        at = batch.run[changed], batch.position[changed]
        rows, new = np.take(batch.rows, changed), np.take(batch.rows, fresh)
        cells = self._sums.subtract(self._runs.rows(*at))
        self._runs.replace(*at, rows)
        self._runs.add(batch.heads[fresh], new)
        return cells | self._sums.add(rows) | self._sums.add(new)
