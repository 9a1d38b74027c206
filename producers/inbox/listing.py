"""What lies in an inbox, for `quaymark inbox status`, and failed files that are put back."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import msgspec
from msgspec import Struct

from contract.book import NO_PARTNER
from contract.errors import Misconfigured
from producers.inbox.folder import RECEIPT_ENDING, InboxFolder, clean_path, free_path, receipt_of
from producers.inbox.receipt import read
from producers.inbox.scan import entries

SHOWN = 20  # lines of failed or waiting files


class InboxState(Struct, frozen=True):
    """The state of an inbox."""

    folder: str
    process: int | None
    """The id of the process that takes files in; None if none runs."""
    waiting: dict[str, dict[str, int]]
    """Partner's folder -> what the files wait for -> number of files.  Whether a file still
    changes is known to the running inbox alone: such a one is `ready` here."""
    importing: list[str]
    done: dict[str, int]
    """Day -> number of files that were taken in, of the newest days."""
    failed: list[str]
    """The paths of failed files below `failed`, the newest day last."""


def state_of(folder: InboxFolder) -> InboxState:
    """Return the state of an inbox."""
    waiting: dict[str, Counter[str]] = {}
    for entry in entries(folder.root):
        waiting.setdefault(str(clean_path(entry.folder)), Counter())[entry.why] += 1
    days = sorted(path.name for path in folder.done.glob("*") if path.is_dir())[-7:]
    return InboxState(
        folder=str(folder.root),
        process=folder.owner(),
        waiting={name: dict(counts) for name, counts in sorted(waiting.items())},
        importing=[str(path) for path in files_below(folder.work)],
        done={day: sum(1 for _ in files_below(folder.done / day)) for day in days},
        failed=[str(path) for path in files_below(folder.failed)],
    )


def lines_of(state: InboxState, folder: InboxFolder) -> Iterator[str]:
    """Yield the state as lines for people; a failed file with what its receipt says."""
    runs = f"process {state.process}" if state.process else "no process"
    yield f"{state.folder}: {runs} takes files in"
    for partner, counts in state.waiting.items():
        what = ", ".join(f"{number:,} {why}" for why, number in sorted(counts.items()))
        where = "in no folder of a partner" if partner == NO_PARTNER else partner
        yield f"  waiting    {where}: {what}"
    for path in state.importing:
        yield f"  importing  {path}"
    for day, number in state.done.items():
        yield f"  done       {day}: {number:,} files"
    for name in state.failed[-SHOWN:]:
        receipt = read(receipt_of(folder.failed / name))
        yield f"  failed     {receipt.line if receipt else name}"
        yield f"             it lies at {folder.failed / name}"
    if len(state.failed) > SHOWN:
        yield f"  failed     {len(state.failed) - SHOWN:,} more"


def as_json(state: InboxState) -> bytes:
    """Return the state as one JSON object."""
    return msgspec.json.encode(state)


def put_back(folder: InboxFolder, names: tuple[str, ...], *, everything: bool) -> list[str]:
    """Move failed files back into the inbox; returns their paths there.

    A name is a path below `failed`, or the end of one, such as the name of the file.  Receipts
    stay: the next one names the one that it replaces.

    Raises:
        Misconfigured: no failed file, or more than one, has such a name.
    """
    failed = list(files_below(folder.failed))
    chosen = failed if everything else [_named(name, failed) for name in names]
    moved = []
    for path in dict.fromkeys(chosen):
        below_day = PurePosixPath(*path.parts[1:])
        target = free_path(folder.root, below_day, "again")
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(folder.failed / path, target)
        moved.append(str(target.relative_to(folder.root)))
    return moved


def files_below(top: Path) -> Iterator[PurePosixPath]:
    """Yield the files below a folder, in order, without receipts; paths are relative to it."""
    for place, folders, names in os.walk(top):
        folders.sort()
        for name in sorted(names):
            if not name.startswith(".") and not name.endswith(RECEIPT_ENDING):
                yield PurePosixPath(os.path.relpath(os.path.join(place, name), top))


def _named(name: str, failed: list[PurePosixPath]) -> PurePosixPath:
    wanted = PurePosixPath(name).parts
    found = [path for path in failed if path.parts[-len(wanted) :] == wanted]
    if len(found) != 1:
        which = ", ".join(map(str, found[:5])) or "`quaymark inbox status` lists them"
        raise Misconfigured(f"{name} names {len(found)} failed files, expected one: {which}")
    return found[0]
