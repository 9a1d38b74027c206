"""The receipt of a file: what was counted, flagged and refused of it, and why.

It is one JSON object whose first field, `line`, says the same to a person.  Once it is written,
the file counts as taken in; without it the file is imported again, which changes nothing.
"""

import os
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct

from producers.inbox.folder import sync


class FileOutcome(StrEnum):
    """What became of a file: a metric label."""

    DONE = "done"
    """All of it was taken in."""
    PARTLY = "partly"
    """Some records were refused, and the rest was taken in."""
    REPEATED = "repeated"
    """The same bytes of the same partner were taken in before: its events count once."""
    FAILED = "failed"
    """Nothing of it could be used."""


class RecordCounts(Struct, frozen=True):
    """The records of a file by what became of them."""

    read: int = 0
    counted: int = 0
    flagged: int = 0
    uncounted: int = 0
    rejected: int = 0
    skipped: int = 0


class Imported(Struct, frozen=True):
    """What an import says of a file."""

    records: RecordCounts
    usable: bool
    """Whether anything in it could be used."""
    refusals: tuple[str, ...] = ()
    """The first refusals, as text."""
    summary: msgspec.Raw = msgspec.Raw(b"null")
    """The summary of `quaymark import --json`."""


class Receipt(Struct, frozen=True):
    """What became of one file.

    The receipts of an inbox add up: the sums of the newest one of each `sha256` and `partner`
    are those of the books.
    """

    line: str
    outcome: FileOutcome
    file: str
    """The path at which it was dropped, relative to the inbox."""
    partner: str
    moved_to: str
    """Where it lies now, relative to the inbox; its receipt lies beside it."""
    size: int
    sha256: str
    modified_at: datetime
    taken_at: datetime
    finished_at: datetime
    repeats: str
    """The receipt of the same bytes that this one replaces; empty if there is none."""
    records: RecordCounts
    refusals: tuple[str, ...]
    summary: msgspec.Raw = msgspec.Raw(b"null")


decode = msgspec.json.Decoder(Receipt).decode


def line_of(outcome: FileOutcome, file: str, imported: Imported, size: int, repeats: str) -> str:
    """Return what became of a file as one line for people."""
    records = imported.records
    # of a refusal that proposes a profile, the first line; `refusals` has all of it
    first = imported.refusals[0].partition("\n")[0].rstrip(":") if imported.refusals else ""
    why = f": {first}" if first else ""
    if outcome is FileOutcome.FAILED:
        return f"{file}: failed, nothing of its {size:,} bytes could be used{why}"
    counts = ", ".join(
        f"{number:,} {word}"
        for word, number in (
            ("counted", records.counted),
            ("flagged", records.flagged),
            ("uncounted", records.uncounted),
            ("rejected", records.rejected),
            ("skipped", records.skipped),
        )
        if number or word == "counted"
    )
    again = f"; the same bytes as {repeats}, so its events count once" if repeats else ""
    return f"{file}: {records.read:,} records: {counts}{why}{again}"


def write(path: Path, receipt: Receipt) -> None:
    """Write a receipt whole or not at all, and bring it to disk.

    Raises:
        OSError: the disk is full, or the folder can't be written.
    """
    unfinished = path.with_name(path.name + ".tmp")
    with unfinished.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(receipt), indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, path)
    sync(path.parent)


def read(path: Path) -> Receipt | None:
    """Return the receipt at a path; None if there is none, or none that can be read."""
    try:
        return decode(path.read_bytes())
    except (FileNotFoundError, msgspec.MsgspecError, UnicodeError):
        return None
