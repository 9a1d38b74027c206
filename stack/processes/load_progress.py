"""How far the simulated history has come, read from the producer's log as it grows."""

import json
from pathlib import Path

from msgspec import Struct

PROGRESSED = "simulate.progressed"


class LoadProgress(Struct, frozen=True):
    """One progress record of `python -m producers simulate`."""

    day: str = ""
    sent: int = 0
    rate: float = 0.0
    """Events a second."""
    share: float = 0.0
    """0 to 1 of the history; 1 once it is live."""


class GrowingLog:
    """The lines that are added to a log file from now on."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._at = log.stat().st_size if log.exists() else 0

    def lines(self) -> list[str]:
        """Whole lines since the last call; a file that was emptied (rotated) starts again."""
        try:
            size = self._log.stat().st_size
        except FileNotFoundError:
            return []
        if size < self._at:
            self._at = 0
        with self._log.open("rb") as file:
            file.seek(self._at)
            fresh = file.read()
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._at += len(whole)
        return whole.decode(errors="replace").splitlines()


def newest_progress(lines: list[str], before: LoadProgress) -> LoadProgress:
    """The last progress record among log lines, or the one before them."""
    for line in reversed(lines):
        if PROGRESSED in line and (progress := _progress(line)):
            return progress
    return before


def _progress(line: str) -> LoadProgress | None:
    try:
        record = json.loads(line)
        if record["event"] != PROGRESSED:
            return None
        return LoadProgress(
            str(record["day"]), int(record["sent"]), float(record["rate"]), float(record["share"])
        )
    except (ValueError, KeyError, TypeError):
        return None  # a log line of another kind, or one cut by rotation
