"""A Prometheus that a test can make reload its blocks at once, instead of once a minute."""

import os
import shutil
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from kpis.past.all_owners import PastOfOwners
from stack.backfill import history_load
from stack.backfill.blocks import blocks_in, change_owner, data_owner
from stack.backfill.history_load import HistoryLoad, LoadOutcome, WantedWindows
from stack.backfill.manifest import Window
from stack.backfill.prometheus_api import Prometheus
from tests.integration.support.prometheus_server import Page, Server

FIRST = 946_684_800  # 1 January 2000: before every sample of the tests
TICKS = 400
NOBODY = 65534


class ReloadingServer(Server):
    """A Prometheus with an extra block of ticks; deleting one sample of it forces a reload.

    Prometheus cleans tombstones with the same function that reloads all blocks each minute.
    """

    def __init__(self, folder: Path, page: Page, *flags: str, user: int | None = None) -> None:
        super().__init__(folder, page, *flags, user=user)
        self.data.mkdir(exist_ok=True)
        text, stage = folder / "ticks.om", folder / "ticks"
        lines = [f"tick 1 {FIRST + n}\n" for n in range(TICKS)]
        text.write_text("".join((*lines, "# EOF\n")))
        command = ("promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet")
        subprocess.run([*command, str(text), str(stage)], check=True, capture_output=True)
        [block] = blocks_in(stage)
        change_owner(stage / block.ulid, data_owner(self.data))
        shutil.move(stage / block.ulid, self.data)
        self._ticks = iter(range(FIRST, FIRST + TICKS))

    def look(self) -> None:
        """Make it reload its blocks; return once it has."""
        at = next(self._ticks)
        self._admin("delete_series", **{"match[]": "tick", "start": at, "end": at})
        self._admin("clean_tombstones")

    def _admin(self, verb: str, **form: object) -> None:
        address = f"{self.url}/api/v1/admin/tsdb/{verb}?{urllib.parse.urlencode(form)}"
        with urllib.request.urlopen(urllib.request.Request(address, method="POST"), timeout=30):
            pass


@contextmanager
def started(page: Page, *flags: str) -> Iterator[ReloadingServer]:
    """Run a server in a folder that every user may read."""
    with TemporaryDirectory(prefix="quaymark-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = ReloadingServer(folder, page, *flags, user=NOBODY if os.geteuid() == 0 else None)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def load(
    server: ReloadingServer, past: PastOfOwners, now: datetime, **wanted: object
) -> LoadOutcome:
    """Load history, make the server reload its blocks, and wait until queries return it."""
    prometheus = Prometheus(server.url)
    loading = HistoryLoad(prometheus, server.data, WantedWindows(**wanted))  # type: ignore[arg-type]
    outcome = loading.load(past, now.timestamp())
    server.look()
    history_load.wait_until_seen(prometheus, outcome)
    return outcome


def count(server: Server, window: Window, run: str = "") -> tuple[int, int]:
    """Return the numbers of series and samples in a window; check that timestamps increase."""
    found = server.ask(
        "query",
        f'{{__name__=~".+",__name__!="tick",run="{run}"}}[{window.end - window.start}s]',
        time=window.end - 0.001,
    )
    for one in found:
        times = [at for at, _ in one["values"]]
        assert times == sorted(set(times))
    return len(found), sum(len(one["values"]) for one in found)
