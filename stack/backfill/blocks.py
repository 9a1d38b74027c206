"""Prometheus's blocks as folders: made by promtool, read, and given to the right user."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from contract.errors import StackError

LEAST_VERSION = (2, 39)
LONGEST = "744h"  # rounded down to 2h·3ⁿ, so 486 h; the default of 2 h takes 60 times longer
FEWER_COLLECTIONS = ("env", "GOGC=400")  # of Go's garbage: a sixth less time, for 40 MB
PARTS = ("meta.json", "index", "chunks")
FULL = "no space left"  # Go's message for a full disk
ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


class Stats(Struct, frozen=True):
    """The size of a block."""

    numSamples: int = 0  # noqa: N815  # Prometheus's word
    numSeries: int = 0  # noqa: N815  # Prometheus's word


class Compaction(Struct, frozen=True):
    """The blocks of which a block was merged."""

    sources: tuple[str, ...] = ()


class Block(Struct, frozen=True):
    """The meta.json of a block; times are in milliseconds, and `maxTime` is excluded."""

    ulid: str
    minTime: int  # noqa: N815  # Prometheus's word
    maxTime: int  # noqa: N815  # Prometheus's word
    stats: Stats = Stats()
    compaction: Compaction = Compaction()


class Promtool:
    """promtool, which converts OpenMetrics text to blocks."""

    def __init__(self, program: str) -> None:
        self._program = program

    @classmethod
    def found(cls) -> "Promtool":
        """Return the installed promtool.

        Raises:
            StackError: none is installed, or it is too old.
        """
        program = shutil.which("promtool")
        if program is None:
            raise StackError(
                "promtool is not installed, so history can't be loaded; it is part of Prometheus: "
                "apt-get install prometheus, or a release of prometheus.io on PATH"
            )
        answer = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=False
        )
        version = re.search(r"version (\d+)\.(\d+)", answer.stdout + answer.stderr)
        if version is None or (int(version[1]), int(version[2])) < LEAST_VERSION:
            raise StackError(
                f"{program} is {version[0] if version else 'of an unknown version'}; history "
                f"needs {'.'.join(map(str, LEAST_VERSION))} or newer"
            )
        return cls(program)

    def make(self, text: Path, stage: Path, samples: int) -> Block:
        """Make the block of one window's text, in a folder below `stage`.

        Raises:
            StackError: promtool fails, or has silently dropped samples.
        """
        convert = (self._program, "tsdb", "create-blocks-from", "openmetrics", "--quiet")
        on_our_disk = f"TMPDIR={stage}"
        made = subprocess.run(
            [
                *FEWER_COLLECTIONS,
                on_our_disk,
                *convert,
                f"--max-block-duration={LONGEST}",
                str(text),
                str(stage),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        blocks = list(blocks_in(stage))
        if made.returncode or len(blocks) != 1:
            output = (made.stderr + made.stdout).strip()[-500:]
            what = f"promtool made {len(blocks)} blocks of {text.name}: {output}"
            raise StackError(f"{what}; no block was loaded" + (": make room" * (FULL in output)))
        if blocks[0].stats.numSamples != samples:
            raise StackError(
                f"promtool kept {blocks[0].stats.numSamples:,} of {samples:,} samples of "
                f"{text.name}: some are out of order or duplicates"
            )
        return blocks[0]


def blocks_in(folder: Path) -> Iterator[Block]:
    """Yield the blocks in a folder whose meta.json can be read; `faults` reports the others."""
    for path in _folders(folder):
        with suppress(FileNotFoundError, msgspec.MsgspecError):
            yield msgspec.json.decode((path / "meta.json").read_bytes(), type=Block)


def present_blocks(data: Path) -> set[str]:
    """Return the ids of the blocks in a data folder, those merged into others included."""
    return {ulid for block in blocks_in(data) for ulid in (block.ulid, *block.compaction.sources)}


def data_owner(data: Path) -> os.stat_result:
    """Return the stat of Prometheus's log, or of the folder before its first start: its owner."""
    log = data / "wal"
    return (log if log.exists() else data).stat()


def faults(data: Path) -> Iterator[str]:
    """Yield a line for each block that keeps Prometheus from loading or merging blocks.

    An incomplete block stops every later load or merge.  A block of another user is silently
    skipped, or can't be deleted.
    """
    runs_as = data_owner(data).st_uid
    for path in _folders(data):
        with suppress(FileNotFoundError):  # Prometheus has just removed it
            missing = [name for name in PARTS if not (path / name).exists()]
            if missing and path.exists():
                yield f"{path} is incomplete, it has no {missing[0]}: move it away"
            elif not missing and not _has_valid_meta(path):
                yield f"{path / 'meta.json'} is damaged: move {path.name} away"
            elif runs_as and (owner := path.stat().st_uid) != runs_as:
                yield (
                    f"{path} belongs to user {owner}, and Prometheus runs as {runs_as}: "
                    f"chown -R {runs_as} it, or move it away"
                )


def _folders(data: Path) -> list[Path]:
    return [path for path in sorted(data.iterdir()) if ULID.fullmatch(path.name)]


def _has_valid_meta(path: Path) -> bool:
    try:
        msgspec.json.decode((path / "meta.json").read_bytes(), type=Block)
    except msgspec.MsgspecError:
        return False
    return True


def change_owner(block: Path, owner: os.stat_result) -> None:
    """Give a block to the owner of the data folder; Prometheus can't use one of another user.

    Raises:
        StackError: this user is not allowed to.
    """
    for path in (block, *block.rglob("*")):
        found = path.stat()
        if (found.st_uid, found.st_gid) == (owner.st_uid, owner.st_gid):
            continue
        try:
            os.chown(path, owner.st_uid, owner.st_gid)
        except PermissionError:
            raise StackError(
                f"the data folder belongs to user {owner.st_uid}, and this runs as "
                f"{os.geteuid()}: run it as that user, or as root"
            ) from None
        if path.is_dir():
            path.chmod(0o755)
