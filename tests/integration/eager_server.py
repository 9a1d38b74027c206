"""A Prometheus that can be made to look for new blocks at once, instead of once a minute."""

import shutil
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path

from stack.blocks import blocks_in, keeper, own
from tests.integration.past_server import Page, Server

FIRST = 946_684_800  # 1 January 2000: before all that is told
TICKS = 400


class EagerServer(Server):
    """Holds a block of its own in which a sample is deleted for each look.

    Cleaning up after a deletion reloads all blocks by the same function that runs each minute.
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
        own(stage / block.ulid, keeper(self.data))
        shutil.move(stage / block.ulid, self.data)
        self._ticks = iter(range(FIRST, FIRST + TICKS))

    def look(self) -> None:
        """Have it look for blocks; return once it has."""
        at = next(self._ticks)
        self._admin("delete_series", **{"match[]": "tick", "start": at, "end": at})
        self._admin("clean_tombstones")

    def _admin(self, verb: str, **form: object) -> None:
        address = f"{self.url}/api/v1/admin/tsdb/{verb}?{urllib.parse.urlencode(form)}"
        with urllib.request.urlopen(urllib.request.Request(address, method="POST"), timeout=30):
            pass
