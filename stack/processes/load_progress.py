"""The progress of a simulated history, read from the producer's log as it grows."""

from pathlib import Path

from contract.progress import SimulationProgress, progress_in_log

NOTHING_SENT = SimulationProgress(day="", sent=0, rate=0.0, share=0.0)
"""The progress before the producer has reported any."""


class GrowingLog:
    """The lines that are added to a log file from now on."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._at = log.stat().st_size if log.exists() else 0

    def lines(self) -> list[str]:
        """Return the complete lines since the last call; a rotated file is read from its start."""
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


def newest_progress(lines: list[str], before: SimulationProgress) -> SimulationProgress:
    """Return the last progress record among log lines; `before` if there is none."""
    for line in reversed(lines):
        if progress := progress_in_log(line):
            return progress
    return before


def progress_line(progress: SimulationProgress, behind: int | None) -> str:
    """Return one line about the progress of the load."""
    rest = "" if not behind else f"; worker {behind:,} behind"
    return (
        f"  {progress.day}  {progress.share:4.0%}  {progress.sent:,} events sent, "
        f"{progress.rate:,.0f}/s{rest}"
    )
