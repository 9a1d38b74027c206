"""Blocks of Prometheus as folders: made by promtool, put into its data folder, taken out of it."""

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
LESS_OFTEN = ("env", "GOGC=400")  # Go collects its garbage: a sixth less time, for 40 MB
PARTS = ("meta.json", "index", "chunks")
FULL = "no space left"  # how Go says that a disk is full
ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


class Stats(Struct, frozen=True):
    """What a block holds."""

    numSamples: int = 0  # noqa: N815  # Prometheus's word
    numSeries: int = 0  # noqa: N815  # Prometheus's word


class Compaction(Struct, frozen=True):
    """What a block was made of."""

    sources: tuple[str, ...] = ()


class Block(Struct, frozen=True):
    """A block's meta.json; times in milliseconds, `maxTime` excluded."""

    ulid: str
    minTime: int  # noqa: N815  # Prometheus's word
    maxTime: int  # noqa: N815  # Prometheus's word
    stats: Stats = Stats()
    compaction: Compaction = Compaction()


class Promtool:
    """The program that makes blocks of OpenMetrics text."""

    def __init__(self, program: str) -> None:
        self._program = program

    @classmethod
    def found(cls) -> "Promtool":
        """The one that is installed.

        Raises:
            StackError: there is none, or it is too old.
        """
        program = shutil.which("promtool")
        if program is None:
            raise StackError(
                "promtool is not installed, so no history can be made; it comes with Prometheus: "
                "apt-get install prometheus, or a release of prometheus.io on PATH"
            )
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
        version = re.search(r"version (\d+)\.(\d+)", said.stdout + said.stderr)
        if version is None or (int(version[1]), int(version[2])) < LEAST_VERSION:
            raise StackError(
                f"{program} is {version[0] if version else 'of an unknown version'}; history "
                f"needs {'.'.join(map(str, LEAST_VERSION))} or newer"
            )
        return cls(program)

    def make(self, text: Path, stage: Path, samples: int) -> Block:
        """The block of one window's text, in a folder of its own below `stage`.

        Raises:
            StackError: promtool fails, or dropped samples, which it does without a word.
        """
        maker = (self._program, "tsdb", "create-blocks-from", "openmetrics", "--quiet")
        on_our_disk = f"TMPDIR={stage}"
        made = subprocess.run(
            [
                *LESS_OFTEN,
                on_our_disk,
                *maker,
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
            said = (made.stderr + made.stdout).strip()[-500:]
            what = f"promtool made {len(blocks)} blocks of {text.name}: {said}"
            raise StackError(f"{what}; nothing was moved in" + (": make room" * (FULL in said)))
        if blocks[0].stats.numSamples != samples:
            raise StackError(
                f"promtool kept {blocks[0].stats.numSamples:,} of {samples:,} samples of "
                f"{text.name}: some are out of order or there twice"
            )
        return blocks[0]


def blocks_in(folder: Path) -> Iterator[Block]:
    """The blocks in a folder that say what they are; `faults` tells of others."""
    for path in _folders(folder):
        with suppress(FileNotFoundError, msgspec.MsgspecError):
            yield msgspec.json.decode((path / "meta.json").read_bytes(), type=Block)


def keeper(data: Path) -> os.stat_result:
    """Who Prometheus runs as: who owns its log, or before its first start the data folder."""
    log = data / "wal"
    return (log if log.exists() else data).stat()


def faults(data: Path) -> Iterator[str]:
    """What of the blocks in a data folder keeps Prometheus from loading or merging them.

    A half-made one stops every later load of blocks, or every merge; another user's is left out
    without a word, or can't be deleted.
    """
    runs_as = keeper(data).st_uid
    for path in _folders(data):
        with suppress(FileNotFoundError):  # Prometheus is just removing it
            lacking = [name for name in PARTS if not (path / name).exists()]
            if lacking and path.exists():
                yield f"{path} is half-made, it has no {lacking[0]}: move it away"
            elif not lacking and not _says_what_it_is(path):
                yield f"{path / 'meta.json'} is damaged: move {path.name} away"
            elif runs_as and (owner := path.stat().st_uid) != runs_as:
                yield (
                    f"{path} belongs to user {owner}, and Prometheus runs as {runs_as}: "
                    f"chown -R {runs_as} it, or move it away"
                )


def _folders(data: Path) -> list[Path]:
    return [path for path in sorted(data.iterdir()) if ULID.fullmatch(path.name)]


def _says_what_it_is(path: Path) -> bool:
    try:
        msgspec.json.decode((path / "meta.json").read_bytes(), type=Block)
    except msgspec.MsgspecError:
        return False
    return True


def own(block: Path, owner: os.stat_result) -> None:
    """Give a block to who keeps the data folder: Prometheus skips or can't delete another's.

    Raises:
        StackError: we are not allowed to.
    """
    for path in (block, *block.rglob("*")):
        there = path.stat()
        if (there.st_uid, there.st_gid) == (owner.st_uid, owner.st_gid):
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
