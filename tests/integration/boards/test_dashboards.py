"""Every query of every dashboard, against a real Prometheus with two seeded years."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from dashboards.grafana.language import LANGS, Language
from dashboards.provisioning import BOARDS, render
from stack.locales import languages
from tests.integration.support.boards import by_hand
from tests.integration.support.boards.seeded_prometheus import BOOK, Prometheus
from tests.integration.support.boards.seeded_years import DAY
from tests.unit.dashboards.conftest import filled, panels

NOW = datetime(2026, 11, 25, 23, 30, tzinfo=BOOK.tz)
YEAR = (datetime(2026, 1, 1, tzinfo=BOOK.tz), datetime(2026, 12, 31, 23, 59, tzinfo=BOOK.tz))

pytestmark = [pytest.mark.needs("prometheus"), pytest.mark.xdist_group("seeded-years")]


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    running = Prometheus(tmp_path_factory.mktemp("prometheus"), NOW, hourly=24, zone_days=3)
    try:
        running.wait()
        yield running
    finally:
        running.stop()


def drawn(name: str) -> Any:
    """Return a dashboard in English."""
    return json.loads(render(BOOK, languages(("en",)))[f"dashboards/en/{name}.json"])


def span(board: Any) -> tuple[datetime, datetime]:
    """Return the range that a dashboard opens with: the seeded year, or a time up to now."""
    start = board["time"]["from"]
    if start == "now/y":
        return YEAR
    count, unit = int(start[4:-1]), {"h": timedelta(hours=1), "d": DAY, "y": 365 * DAY}[start[-1]]
    return NOW - count * unit, NOW


def answers(prometheus: Prometheus, board: Any, panel: Any, target: Any) -> list[Any]:
    """Return what Grafana gets: the range for a curve, else the value at its end or now."""
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
            # queries with the same name before the colon are alternatives: the pace in three
            # colours, last year and the note that last year is incomplete
            named = target["refId"] if panel["type"] == "table" else target["legendFormat"]
            named = named.partition(":")[0]
            place = panel["title"] or str(panel["gridPos"])
            asked[place, named] += len(answers(prometheus, board, panel, target))

    assert [where for where, found in asked.items() if not found] == []


@pytest.mark.parametrize("name", BOARDS)
def test_a_range_that_ends_in_the_future_shows_the_newest_values(
    prometheus: Prometheus, name: str
) -> None:
    """A month after the last sample each figure and table still shows that sample."""
    instant = [t["expr"] for p in panels(drawn(name)) for t in p["targets"] if not t["range"]]
    newest = f"{NOW.timestamp():.0f}"

    def ask(expr: str, at: datetime) -> dict[str, str]:
        expr = filled(expr.replace("$newest", newest))
        found = prometheus.ask("query", expr, time=at.timestamp())
        return {str(one["metric"]): one["value"][1] for one in found}

    for expr in instant:
        assert ask(expr, NOW + 30 * DAY) == ask(expr, NOW), expr


@pytest.mark.parametrize("say", languages(), ids=LANGS)
def test_headlines_are_the_numbers_worked_by_hand(prometheus: Prometheus, say: Language) -> None:
    """The board is rendered with the zone and the port area of `by_hand`."""
    book = replace(BOOK, zone=replace(BOOK.described_zone(), code=by_hand.ZONE))
    boards = render(book, [say])
    shown: dict[str, float] = {}
    for name in ("port", "projects"):
        board = json.loads(boards[f"dashboards/{say.lang}/{name}.json"])
        for panel in panels(board):
            for target in panel["targets"] if panel["type"] == "stat" else ():
                expr = filled(target["expr"]).replace("'tonghai'", f"'{by_hand.AREA}'")
                for found in prometheus.ask("query", expr, time=NOW.timestamp()):
                    shown.setdefault(target["legendFormat"], float(found["value"][1]))

    expected = by_hand.HEADLINES[say.lang]
    assert {name: shown.get(name) for name in expected} == pytest.approx(expected)


@pytest.mark.parametrize(("later", "is_there"), [(timedelta(0), False), (DAY / 24, True)])
def test_a_target_that_was_taken_back_leaves_the_board_and_a_silent_worker_does_not(
    prometheus: Prometheus, later: timedelta, is_there: bool
) -> None:
    """An hour after the last sample no target has one: then the board shows all last ones."""
    every = next(panel for panel in panels(drawn("targets")) if "Every target" in panel["title"])

    expr = filled(every["targets"][0]["expr"])
    rows = prometheus.ask("query", expr, time=(NOW + later).timestamp())

    names = {row["metric"]["name_en"] for row in rows}
    assert "1.1 million TEU a year" in names
    assert ("Withdrawn" in names) is is_there


def test_the_plan_ends_the_year_on_the_target_and_the_fan_on_the_forecast(
    prometheus: Prometheus,
) -> None:
    """With any seeded samples the curves must end at the target and the forecast."""
    board = drawn("port")
    year = next(panel for panel in board["panels"] if panel["title"] == "TEU since 1 January")
    by_name = {target["legendFormat"]: target for target in year["targets"]}
    at = {"time": YEAR[1].timestamp() + 60}
    newest = "last_over_time(port:port_throughput_{}_teu:max[26h])"

    def end(name: str) -> float:
        expr = filled(by_name[name]["expr"])
        return float(prometheus.ask("query", expr, **at)[0]["value"][1])

    def figure(name: str, labels: str = "") -> float:
        expr = newest.format(name).replace("[", '{port_area="tonghai",year="2026"' + labels + "}[")
        found = prometheus.ask("query", expr, time=NOW.astimezone(UTC).timestamp())
        return float(found[0]["value"][1])

    assert end("Plan") == pytest.approx(1_100_000)
    assert end("Forecast") == pytest.approx(figure("forecast"), rel=1e-6)
    upper = figure("forecast_bound", ',level="0.95",bound="upper"')
    assert end("u95") == pytest.approx(upper, rel=1e-6)
