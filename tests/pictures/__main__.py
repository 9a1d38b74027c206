"""`make pictures`: draw the dashboards on the seeded samples, as small PNGs in docs/.

It needs Prometheus with promtool, node, Chromium, and Grafana's preview (PREVIEW is the path of
`bin/preview.mjs`): a page that draws a dashboard's JSON with Grafana's own published packages.
"""

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dashboards.grafana.language import LANGS
from dashboards.provisioning import BOARDS, render
from stack.locales import languages
from tests.integration.support.boards.seeded_prometheus import BOOK, Prometheus

DOCS = Path(__file__).parents[2] / "docs"
SHRINK = Path(__file__).with_name("shrink.mjs")
NOW = datetime(2026, 11, 25, 23, 59, 45, tzinfo=BOOK.tz)
WIDTH, NARROW = 1600, 800
FIRST_SCREEN = 21  # grid rows that are visible without scrolling
SINCE = {
    "port": (datetime(2026, 1, 1, tzinfo=BOOK.tz), datetime(2026, 12, 31, 23, 59, tzinfo=BOOK.tz)),
    "projects": (NOW - timedelta(200), NOW),
    "targets": (NOW - timedelta(90), NOW),
    "pipeline": (NOW - timedelta(hours=6), NOW),
}


def main(preview: str, wanted: list[str]) -> None:
    """Draw each dashboard in each language, or only the dashboards named."""
    if not Path(preview).is_file():
        sys.exit(f"{preview} is not there: let PREVIEW name the preview's bin/preview.mjs")
    with tempfile.TemporaryDirectory() as folder:
        prometheus = Prometheus(Path(folder), NOW, hourly=6, zone_days=200)
        try:
            prometheus.wait()
            boards = render(BOOK, languages())
            for lang in LANGS:
                for name in wanted or BOARDS:
                    board = json.loads(boards[f"dashboards/{lang}/{name}.json"])
                    _draw(preview, prometheus.address, Path(folder), name, board)
                    target = DOCS / f"{name}-{lang}.png"
                    _shrink(Path(folder) / "out/dashboard.png", target)
                    sys.stdout.write(f"{target.name}  {target.stat().st_size // 1000} kB\n")
        finally:
            prometheus.stop()


def _draw(preview: str, address: str, folder: Path, name: str, board: dict[str, object]) -> None:
    """Draw the first screen of a dashboard as a PNG in the folder."""
    panels = board["panels"]
    assert isinstance(panels, list)
    board["panels"] = [one for one in panels if one["gridPos"]["y"] < FIRST_SCREEN]
    for panel in panels:
        if panel.pop("timeFrom", None):  # evaluate at the seeded NOW, not at the machine's clock
            for target in panel["targets"]:
                at = f"{NOW.timestamp():.0f}"
                target["expr"] = f"last_over_time(({target['expr']})[15s:15s] @ {at})"
    path = folder / "board.json"
    path.write_text(json.dumps(board), encoding="utf-8")
    begins, ends = (at.astimezone(UTC).isoformat() for at in SINCE[name])
    command = [preview, str(path), "--prometheus", f"http://{address}", "--width", str(WIDTH)]
    command += ["--from", begins, "--to", ends, "--out", str(folder / "out")]
    subprocess.run(["node", *command], check=False, capture_output=True, timeout=180)


def _shrink(picture: Path, target: Path) -> None:
    subprocess.run(["node", str(SHRINK), str(picture), str(target)], check=True, timeout=60)


if __name__ == "__main__":
    main(os.environ.get("PREVIEW", ""), sys.argv[1:])  # noqa: TID251  # a door of its own
