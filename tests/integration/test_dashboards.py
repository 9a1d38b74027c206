"""Every query of every board, asked of a real Prometheus that holds two seeded years."""

import json
import shutil
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from contract.book import read_book
from contract.targets import read_targets
from dashboards.files import BOARDS, render
from stack.catalogues import tongues
from stack.ports import free_port
from tests.integration.story import DAY, Story
from tests.unit.dashboards.conftest import filled, panels

ROOT = Path(__file__).parents[2]
READY_SECONDS = 60
BOOK = read_book((ROOT / "quaymark.toml").read_text(encoding="utf-8"), "quaymark.toml")
TARGETS = read_targets((ROOT / "targets.toml").read_text(encoding="utf-8"), "targets.toml")
NOW = datetime(2026, 11, 25, 23, 30, tzinfo=BOOK.tz)
YEAR = (datetime(2026, 1, 1, tzinfo=BOOK.tz), datetime(2026, 12, 31, 23, 59, tzinfo=BOOK.tz))

pytestmark = pytest.mark.skipif(
    not (shutil.which("promtool") and shutil.which("prometheus")),
    reason="prometheus and promtool are not installed",
)


class Prometheus:
    """A Prometheus that holds the story, until it is stopped."""

    def __init__(self, folder: Path) -> None:
        told = folder / "story.om"
        told.write_text("\n".join(Story(BOOK, TARGETS, NOW, hourly=24, zone_days=3).tell()) + "\n")
        blocks = ("tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=744h")
        subprocess.run(
            ["promtool", *blocks, str(told), str(folder / "data")], check=True, capture_output=True
        )
        (folder / "prometheus.yml").write_text("{}\n")
        self.address = f"127.0.0.1:{free_port()}"
        self._process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                "--storage.tsdb.retention.time=100y",
                f"--web.listen-address={self.address}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait(self) -> None:
        """Until it answers."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                with urlopen(f"http://{self.address}/-/ready", timeout=5):
                    return
            except URLError:
                assert self._process.poll() is None, "prometheus ended"
                assert time.monotonic() < deadline, "prometheus does not answer"
                time.sleep(0.1)

    def ask(self, kind: str, expr: str, **at: object) -> list[Any]:
        """The series of an answer."""
        query = urlencode({"query": expr} | at).encode()
        with urlopen(f"http://{self.address}/api/v1/{kind}", query, timeout=60) as answer:
            found: list[Any] = json.load(answer)["data"]["result"]
        return found

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(timeout=30)


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    running = Prometheus(tmp_path_factory.mktemp("prometheus"))
    try:
        running.wait()
        yield running
    finally:
        running.stop()


def drawn(name: str) -> Any:
    """A board in English."""
    return json.loads(render(BOOK, tongues(("en",)))[f"dashboards/en/{name}.json"])


def span(board: Any) -> tuple[datetime, datetime]:
    """What a board shows when it is opened: the year of the story, or so long back from now."""
    start = board["time"]["from"]
    if start == "now/y":
        return YEAR
    count, unit = int(start[4:-1]), {"h": timedelta(hours=1), "d": DAY, "y": 365 * DAY}[start[-1]]
    return NOW - count * unit, NOW


def answers(prometheus: Prometheus, board: Any, panel: Any, target: Any) -> list[Any]:
    """What Grafana would get: over the board's range for a curve, else at its end, or now."""
    start, end = span(board)
    if target["range"]:
        at = {"start": start.timestamp(), "end": end.timestamp()}
        step = max((end - start).total_seconds() / 1000, 60)
        return prometheus.ask("query_range", filled(target["expr"]), step=step, **at)
    instant = NOW if panel.get("timeFrom") else end
    return prometheus.ask("query", filled(target["expr"]), time=instant.timestamp())


@pytest.mark.parametrize("name", BOARDS)
def test_every_query_of_a_board_has_an_answer(prometheus: Prometheus, name: str) -> None:
    board = drawn(name)

    asked: dict[tuple[str, str], int] = defaultdict(int)
    for panel in panels(board):
        for target in panel["targets"]:
            # queries of one name stand in for one another: the pace in one of three colours
            named = target["refId"] if panel["type"] == "table" else target["legendFormat"]
            place = panel["title"] or str(panel["gridPos"])
            asked[place, named] += len(answers(prometheus, board, panel, target))

    assert [where for where, found in asked.items() if not found] == []


def test_the_plan_ends_the_year_on_the_target_and_the_fan_on_the_forecast(
    prometheus: Prometheus,
) -> None:
    """Whatever the story: at 31 December the curves must meet the figures they lead to."""
    board = drawn("port")
    year = next(panel for panel in board["panels"] if panel["title"] == "TEU since 1 January")
    by_name = {target["legendFormat"]: target for target in year["targets"]}
    at = {"time": YEAR[1].timestamp() + 60}
    newest = "last_over_time(port:port_throughput_{}_teu:max[26h])"

    def end(name: str) -> float:
        expr = filled(by_name[name]["expr"])
        return float(prometheus.ask("query", expr, **at)[0]["value"][1])

    def figure(name: str, labels: str = "") -> float:
        expr = newest.format(name).replace("[", '{year="2026"' + labels + "}[")
        found = prometheus.ask("query", expr, time=NOW.astimezone(UTC).timestamp())
        return float(found[0]["value"][1])

    assert end("Plan") == pytest.approx(1_100_000)
    assert end("Forecast") == pytest.approx(figure("forecast"), rel=1e-6)
    upper = figure("forecast_bound", ',level="0.95",bound="upper"')
    assert end("u95") == pytest.approx(upper, rel=1e-6)
