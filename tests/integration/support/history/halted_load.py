"""A history load that halts after a number of renames, so that a test can kill it there.

Its arguments are URL DATA RENAMES TEU: each day from 10 December 2019 on has TEU.
It prints `halted` when it halts.
"""

import signal
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from stack.backfill.history_load import HistoryLoad, WantedWindows
from stack.backfill.prometheus_api import Prometheus
from tests.integration.support.history.past_books import LAST, books, steady
from tests.unit.kpis.builders import seconds


def main(url: str, data: str, renames: str, teu: str) -> None:
    """Load the history, and halt before the next rename after RENAMES."""
    renamed, left = Path.rename, int(renames)

    def rename(self: Path, target: Path) -> Path:
        nonlocal left
        if not left:
            sys.stdout.write("halted\n")
            sys.stdout.flush()
            signal.pause()
        left -= 1
        return renamed(self, target)

    setattr(Path, "rename", rename)  # noqa: B010  # a halt between two renames
    now = datetime.now(UTC)  # noqa: TID251  # a door
    changed = steady(date(2019, 12, 10), LAST, float(teu), offset=2)
    wanted = WantedWindows(seconds("2019-09-01 00:00"), seconds("2020-01-10 00:00"))
    HistoryLoad(Prometheus(url), Path(data), wanted).load(books(now, *changed), now.timestamp())


if __name__ == "__main__":
    main(*sys.argv[1:])
