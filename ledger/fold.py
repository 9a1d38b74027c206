"""The fold of facts by the join, and the sums that follow it."""

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
    alike,
    counted,
    of_one_box,
    rows_of,
    weigh,
)
from ledger.sums import UNSURE, Cell, DaySum, Sums


class Dispute(NamedTuple):
    """A fact refused, and the one that stands in its way."""

    at: int
    """Index in the batch."""
    fate: FactOutcome
    came: FactRow
    stands: FactRow | None


class FoldResult(NamedTuple):
    """What became of a batch."""

    fates: npt.NDArray[np.uint8]
    """The Fate of each fact."""
    disputes: list[Dispute]
    cells: set[Cell]
    """Places and days whose sums changed, whose facts were read again, or overtaken in the batch.

    Whoever read these records before, in smaller batches, and was lost before the journal had
    them, may have told a day as it was in between; nobody else would tell it again.
    """


class _Batch(NamedTuple):
    """A batch sorted by head: where each fact came in it, and where its id is in the runs."""

    order: Indices
    heads: Heads
    rows: Facts
    first_open: npt.NDArray[np.int64]
    """The first day that was open when each came."""
    run: Indices
    position: Indices


class StandingFacts:
    """The facts that stand, and their sums."""

    def __init__(self) -> None:
        self._runs = FactStore()
        self._sums = Sums()

    def __len__(self) -> int:
        return len(self._runs)

    @property
    def cells(self) -> list[Cell]:
        """Every place and day on which anything was ever booked."""
        return list(self._sums)

    def know(self, facts: Facts) -> None:
        """Note the places and days of facts, so that `cells` has those which lost all they had."""
        self._sums.know(facts)

    def of(self, cell: Cell) -> DaySum:
        """The sums of a place and day."""
        sums = self._sums.of(cell)
        if sums.newest == UNSURE:
            sums.newest = self._runs.newest_minute(*cell, QUAY)
        return sums

    def fold(self, facts: Facts, first_open: npt.NDArray[np.int64] | int) -> FoldResult:
        """Join facts to those that stand; days before `first_open` (of each) are closed to it.

        A fact that names no container takes the container of the one that it replaces, in `facts`
        too: so all facts of an id that the journal holds are of one container.
        """
        order = np.argsort(facts["head"], kind="stable")
        heads = facts["head"][order]
        opened = np.broadcast_to(np.asarray(first_open, np.int64), order.shape)[order]
        rows = rows_of(np.take(facts, order))
        batch = _Batch(order, heads, rows, opened, *self._runs.find(heads))
        fates, slow = self._weigh_at_once(batch)
        standing, disputes = self._weigh_singly(batch, slow, fates)
        facts["rest"][order] = batch.rows["rest"]
        cells = self._post(batch, np.flatnonzero(~slow & (fates == FactOutcome.NEW)), standing)
        overtaken = slow & (fates <= FactOutcome.NEWER)
        overtaken[standing] = False
        again = counted(
            np.take(batch.rows, np.flatnonzero(overtaken | (fates == FactOutcome.SAME)))
        )
        cells.update(zip(again["place"].tolist(), again["day"].tolist(), strict=True))
        in_order = np.empty_like(fates)
        in_order[order] = fates
        return FoldResult(in_order, disputes, cells)

    def _weigh_at_once(self, batch: _Batch) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
        """The fates of most, who come alone and are new or change nothing; and which are left."""
        heads, rows = batch.heads, batch.rows
        fates = np.full(len(rows), FactOutcome.NEW, np.uint8)
        twin = np.zeros(len(rows), bool)
        twin[1:] = heads[1:] == heads[:-1]
        twin[:-1] |= twin[1:]
        slow = twin | (rows["kind"] < UNCOUNTED) & (rows["day"] < batch.first_open)
        known = np.flatnonzero((batch.run >= 0) & ~slow)
        if len(known):
            came = np.take(rows, known)
            stand = self._runs.rows(batch.run[known], batch.position[known])
            mine, equal = of_one_box(came, stand), alike(came, stand)
            as_old = came["recorded"] == stand["recorded"]
            same = mine & equal & as_old & (came["offset"] == stand["offset"])
            repeat = mine & (
                (came["recorded"] < stand["recorded"])
                | (as_old & equal & (came["offset"] > stand["offset"]))
            )
            fates[known] = np.where(same, FactOutcome.SAME, FactOutcome.REPEAT)
            slow[known[~(same | repeat)]] = True
            rows["rest"][known[same]] |= stand["rest"][same]
        return fates, slow

    def _weigh_singly(
        self,
        batch: _Batch,
        slow: npt.NDArray[np.bool_],
        fates: npt.NDArray[np.uint8],
    ) -> tuple[list[int], list[Dispute]]:
        """Set the fates of the rest, in source order; which of them stand, and the refused."""
        standing: dict[int, int] = {}  # head -> index
        disputes: list[Dispute] = []
        left = np.flatnonzero(slow)
        for i in left[np.argsort(batch.order[left])].tolist():
            head = int(batch.heads[i])
            came, stands = FactRow.of(batch.rows[i]), None
            if head in standing:
                stands = FactRow.of(batch.rows[standing[head]])
            elif batch.run[i] >= 0:
                at = slice(i, i + 1)
                stands = FactRow.of(self._runs.rows(batch.run[at], batch.position[at])[0])
            fate = weigh(came, stands, int(batch.first_open[i]))
            fates[i] = fate
            if stands is not None and fate in (FactOutcome.NEWER, FactOutcome.SAME):
                batch.rows["rest"][i] |= stands.rest
            if fate in (FactOutcome.NEW, FactOutcome.NEWER):
                standing[head] = i
            elif fate in (FactOutcome.CONFLICT, FactOutcome.TOO_OLD):
                disputes.append(Dispute(int(batch.order[i]), fate, came, stands))
        return sorted(standing.values()), disputes

    def _post(self, batch: _Batch, fresh: Indices, standing: list[int]) -> set[Cell]:
        """Bring facts and sums up to date; the cells that changed."""
        singly = np.array(standing, np.intp)
        known = batch.run[singly] >= 0
        changed, fresh = singly[known], np.sort(np.concatenate([fresh, singly[~known]]))
        at = batch.run[changed], batch.position[changed]
        rows, new = np.take(batch.rows, changed), np.take(batch.rows, fresh)
        cells = self._sums.take_off(self._runs.rows(*at))
        self._runs.replace(*at, rows)
        self._runs.add(batch.heads[fresh], new)
        return cells | self._sums.add(rows) | self._sums.add(new)
