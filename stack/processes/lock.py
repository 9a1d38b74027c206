"""One town a folder: a pid file that is locked as long as its town runs."""

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from contract.errors import StackError

NAME = "town.pid"


@contextlib.contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Hold the folder's lock while the block runs; gives whether the last holder crashed.

    The kernel drops the lock with its holder, so a crash leaves none behind.

    Raises:
        StackError: somebody holds it; says who.
    """
    with _opened(folder) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(
                f"it runs already, as process {file.read().strip()}: "
                "`quaymark status` shows it, `quaymark down` stops it"
            ) from None
        crashed = bool(file.read().strip())
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        try:
            yield crashed
        finally:
            file.truncate(0)


def holder(folder: Path) -> int | None:
    """The process that holds the folder's lock, if any."""
    if not (folder / NAME).is_file():
        return None
    with _opened(folder) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read().strip() or 0) or None
    return None


def stop_holder(folder: Path, seconds: float) -> int | None:
    """Ask the folder's town to stop and wait for it; gives its pid, None if none runs.

    Raises:
        StackError: it still runs after `seconds`.
    """
    pid = holder(folder)
    if pid is None:
        return None
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while holder(folder) == pid:
        if time.monotonic() > deadline:
            raise StackError(
                f"process {pid} still runs after {seconds:.0f} s: look at {folder}/log, "
                f"or end it by force with `kill -9 {pid}` (its children end with it)"
            )
        time.sleep(0.1)
    return pid


def _opened(folder: Path) -> IO[str]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / NAME).open("a+", encoding="utf-8")  # opens without emptying
    except OSError as error:
        raise StackError(f"{folder}: {error.strerror}; QUAYMARK_FOLDER names another") from None
    file.seek(0)
    return file
