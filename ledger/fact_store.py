"""The facts of a partition in memory: sorted arrays, each at least four times as long as the next.

A fact takes 36 bytes here; in a dict of ids it would take some 400.
"""

import numpy as np
import numpy.typing as npt

from ledger.facts import ROW, Facts

Indices = npt.NDArray[np.intp]
Heads = npt.NDArray[np.uint64]

RATIO = 4  # a run is merged with one less than 4 times as long: a fact is copied log4(n) times


class FactStore:
    """Facts, found by the head of their id's hash."""

    def __init__(self) -> None:
        self._runs: list[tuple[Heads, Facts]] = []

    def __len__(self) -> int:
        return sum(len(heads) for heads, _ in self._runs)

    def find(self, heads: Heads) -> tuple[Indices, Indices]:
        """Return the run and the position in it of each head; the run is -1 if there is none.

        Sorted heads are found faster.
        """
        run, position = np.full(len(heads), -1), np.zeros(len(heads), np.intp)
        for number, (known, _) in enumerate(self._runs):
            at = np.searchsorted(known, heads)
            at[at == len(known)] = 0
            hit = known[at] == heads
            run[hit], position[hit] = number, at[hit]
        return run, position

    def rows(self, run: Indices, position: Indices) -> Facts:
        """Return a copy of the rows at these positions."""
        rows = np.empty(len(run), ROW)
        for number in np.unique(run):
            here = run == number
            rows[here] = np.take(self._runs[number][1], position[here])
        return rows

    def replace(self, run: Indices, position: Indices, rows: Facts) -> None:
        """Put `rows` at these positions."""
        for number in np.unique(run):
            here = run == number
            self._runs[number][1][position[here]] = rows[here]

    def add(self, heads: Heads, rows: Facts) -> None:
        """Add facts whose heads are sorted and not in it yet."""
        if not len(heads):
            return
        runs = self._runs
        runs.append((heads, rows))
        while len(runs) > 1 and len(runs[-2][0]) < RATIO * len(runs[-1][0]):
            (early, rows), (late, more) = runs.pop(-2), runs.pop()
            heads = np.concatenate([early, late])
            rows = np.concatenate([rows, more])  # the old ones are freed before the next copy
            order = np.argsort(heads, kind="stable")  # timsort: two sorted halves cost one pass
            # np.take is 18 times faster than rows[order] on structs
            runs.append((heads[order], np.take(rows, order)))

    def newest_minute(self, terminal: int, day: int, quay: npt.NDArray[np.bool_]) -> int:
        """Return the latest minute of a terminal's day with a move over the quay, or -1."""
        newest = -1
        for _, rows in self._runs:
            here = (rows["day"] == day) & (rows["terminal"] == terminal)
            here &= quay[rows["kind"]]
            if here.any():
                newest = max(newest, int(rows["minute"][here].max()))
        return newest
