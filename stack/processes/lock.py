"""The lock of a folder: a pid file that is locked while a stack runs in the folder."""

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from contract.errors import StackError

NAME = "stack.pid"


@contextlib.contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Hold the folder's lock while the block runs; yields whether the last holder crashed.

    The kernel releases the lock when its holder ends, so a crash leaves no lock behind.

    Raises:
        StackError: another process holds the lock; the message names it.
    """
    with _opened(folder) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(
                f"{folder} is in use by process {file.read().strip()}: "
                "`quaymark status` shows what runs, `quaymark down` stops it"
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
    """Return the id of the process that holds the folder's lock; None if there is none."""
    if not (folder / NAME).is_file():
        return None
    with _opened(folder) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read().strip() or 0) or None
    return None


def stop_holder(folder: Path, seconds: float) -> int | None:
    """Send SIGTERM to the holder of the folder's lock and wait until it has ended.

    Returns its process id, or None if nothing runs.

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
        file = (folder / NAME).open("a+", encoding="utf-8")  # does not empty the file
    except OSError as error:
        raise StackError(
            f"{folder}: {error.strerror}; set QUAYMARK_FOLDER to another folder"
        ) from None
    file.seek(0)
    return file
