"""`make pictures`: the first screen of each board as a small PNG into docs/.

The boards are drawn on seeded samples, or with `--first-start URL` on a Prometheus that a first
`make up` has just filled.  It needs Prometheus with promtool, node, Chromium, and a preview of
Grafana (PREVIEW names its `bin/preview.mjs`): a page that draws a dashboard's JSON with Grafana's
own published packages.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

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


def draw_story(preview: str, wanted: Sequence[str]) -> None:
    """Draw the boards on the seeded samples, wide."""
    with tempfile.TemporaryDirectory() as folder:
        prometheus = Prometheus(Path(folder), NOW, hourly=6, zone_days=200)
        try:
            prometheus.wait()
            for name, lang, board in _boards(wanted):
                _set_present(board)
                begins, ends = (at.astimezone(UTC).isoformat() for at in SINCE[name])
                options = ["--width", str(WIDTH), "--from", begins, "--to", ends]
                address = f"http://{prometheus.address}"
                _draw(preview, address, board, DOCS / f"{name}-{lang}.png", options)
        finally:
            prometheus.stop()


def draw_first_start(preview: str, address: str, wanted: Sequence[str]) -> None:
    """Draw the boards as they open after a first start, narrow."""
    for name, lang, board in _boards(wanted):
        target = DOCS / f"first-start/{name}-{lang}.png"
        target.parent.mkdir(exist_ok=True)
        _draw(preview, address, board, target, ["--width", str(NARROW)])


def _boards(wanted: Sequence[str]) -> Sequence[tuple[str, str, dict[str, Any]]]:
    """(name, language, first screen) of the boards."""
    boards = render(BOOK, languages())
    found = []
    for lang in LANGS:
        for name in wanted or BOARDS:
            board = json.loads(boards[f"dashboards/{lang}/{name}.json"])
            panels = board["panels"]
            board["panels"] = [one for one in panels if one["gridPos"]["y"] < FIRST_SCREEN]
            found.append((name, lang, board))
    return found


def _set_present(board: dict[str, Any]) -> None:
    """Evaluate panels with a time range of their own at the seeded NOW, not at this hour."""
    for panel in board["panels"]:
        if panel.pop("timeFrom", None):
            for target in panel["targets"]:
                at = f"{NOW.timestamp():.0f}"
                target["expr"] = f"last_over_time(({target['expr']})[15s:15s] @ {at})"


def _draw(
    preview: str, address: str, board: dict[str, Any], target: Path, options: Sequence[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "board.json"
        path.write_text(json.dumps(board), encoding="utf-8")
        command = ["node", preview, str(path), "--prometheus", address, *options]
        command += ["--out", str(Path(folder) / "out")]
        subprocess.run(command, check=False, capture_output=True, timeout=180)
        picture = Path(folder) / "out/dashboard.png"
        subprocess.run(["node", str(SHRINK), str(picture), str(target)], check=True, timeout=60)
    sys.stdout.write(f"{target.relative_to(DOCS)}  {target.stat().st_size // 1000} kB\n")


def main(preview: str) -> None:
    """Draw each board in each language, or only the boards named."""
    parser = argparse.ArgumentParser(prog="python -m tests.pictures")
    parser.add_argument("--first-start", metavar="URL", help="a Prometheus of a first `make up`")
    parser.add_argument("boards", nargs="*", choices=[*BOARDS, []], metavar="BOARD")
    wanted = parser.parse_args()
    if not Path(preview).is_file():
        sys.exit(f"{preview} is not there: let PREVIEW name the preview's bin/preview.mjs")
    if wanted.first_start:
        draw_first_start(preview, wanted.first_start, wanted.boards)
    else:
        draw_story(preview, wanted.boards)


if __name__ == "__main__":
    main(os.environ.get("PREVIEW", ""))  # noqa: TID251  # a door of its own
