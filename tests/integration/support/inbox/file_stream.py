"""A stream of numbered files whose sums are worked by hand, and what became of them.

Each sound file reports three moves at Tonghai East: 22G1 1 TEU, 45G1 2 TEU, L5G1 2.25 TEU.
"""

import os
import random
import threading
import time
from collections import Counter
from enum import StrEnum
from pathlib import Path

import msgspec

from producers.inbox.receipt import Receipt, decode
from tests.integration.support.workers import recent

MOVES, HUNDREDTHS = 3, 525
SIZES = ("22G1", "45G1", "L5G1")
HEADER = "move,time,terminal,container,size,id,recorded\n"


class Kind(StrEnum):
    """What a file is, which is also what its receipt says."""

    DONE = "done"
    PARTLY = "partly"
    REPEATED = "repeated"
    FAILED = "failed"


def kind(number: int) -> Kind:
    """Return what a numbered file is: of a hundred two repeat, one fails, two are partly bad."""
    if number % 50 == 7:
        return Kind.REPEATED
    if number % 100 == 11:
        return Kind.FAILED
    return Kind.PARTLY if number % 50 == 23 else Kind.DONE


class FileStream:
    """Drops files from a thread, some renamed in and some written in place."""

    def __init__(self, inbox: Path, number: int, seed: int, pause_seconds: float) -> None:
        self._inbox, self._number, self._pause = inbox, number, pause_seconds
        self._rng = random.Random(seed)
        self._at = recent(1)
        self._thread = threading.Thread(target=self._drop, daemon=True)

    def start(self) -> None:
        """Start dropping."""
        self._thread.start()

    def finish(self) -> None:
        """Wait until all are dropped."""
        self._thread.join()

    @property
    def kinds(self) -> Counter[str]:
        """Kind -> number of files."""
        return Counter(str(kind(number)) for number in range(self._number))

    def text(self, number: int) -> str:
        """Return the text of a file."""
        if kind(number) is Kind.FAILED:
            return f"no table at all, number {number}\n"
        if kind(number) is Kind.REPEATED:
            return self.text(number - 1)
        time_, recorded = self._at.isoformat(), self._at.isoformat()
        rows = [
            f"load,{time_},THE,ABCU{number:06}{column},{size},{number}-{column},{recorded}\n"
            for column, size in enumerate(SIZES)
        ]
        if kind(number) is Kind.PARTLY:
            rows.append(f"load,{time_},THE,ABCU0000000,22G1,{number}-bad,yesterday?\n")
        return HEADER + "".join(rows)

    def _drop(self) -> None:
        for number in range(self._number):
            of = number - 1 if kind(number) is Kind.REPEATED else number
            folder = self._inbox / ("east" if of % 2 else "")
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"装卸 {number:05}.csv"
            if number % 3:
                unfinished = folder / f"{path.name}.part"
                unfinished.write_text(self.text(number), encoding="utf-8")
                os.rename(unfinished, path)
            else:
                path.write_text(self.text(number), encoding="utf-8")
            time.sleep(self._rng.uniform(0, 2 * self._pause))


def receipts(inbox: Path) -> list[Receipt]:
    """Return all receipts, each of which has its file beside it."""
    found = []
    for path in [*inbox.glob("done/**/*.receipt.json"), *inbox.glob("failed/**/*.receipt.json")]:
        receipt: Receipt = decode(path.read_bytes())
        assert path == inbox / f"{receipt.moved_to}.receipt.json"
        assert (inbox / receipt.moved_to).is_file()
        assert isinstance(receipt.summary, msgspec.Raw)
        found.append(receipt)
    return found
