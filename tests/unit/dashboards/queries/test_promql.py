"""Every expression is PromQL, and the idioms say what they are meant to."""

import json
import subprocess
from pathlib import Path

import pytest

from dashboards.queries.promql import aggregate, at_range_end, held, of_year_before, until
from kpis.port import handled, pacing
from kpis.port.throughput import THROUGHPUT
from tests.unit.dashboards.conftest import Json, filled, panels, queries


@pytest.mark.needs("prometheus")
def test_promtool_reads_every_expression(boards: dict[str, Json], tmp_path: Path) -> None:
    """promtool checks no bare expression: each is wrapped in a rule."""
    exprs = [filled(expr) for board in boards.values() for expr in queries(board)]
    rules = [{"record": f"panel:{n}", "expr": expr} for n, expr in enumerate(exprs)]
    path = tmp_path / "rules.yml"
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))

    checked = subprocess.run(
        ["promtool", "check", "rules", "--lint=none", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr
    assert f"{len(exprs)} rules found" in checked.stdout


def test_a_series_is_asked_for_free_of_its_worker() -> None:
    """The sum where the KPI adds up over terminals, else the greater of two workers."""
    assert aggregate(THROUGHPUT[handled.ytd]) == "port:port_throughput_ytd_teu:sum"
    assert aggregate(THROUGHPUT[pacing.pace]) == "port:port_throughput_pace_ratio:max"


def test_a_wrong_label_is_refused() -> None:
    with pytest.raises(ValueError, match="no label terminal"):
        aggregate(THROUGHPUT[pacing.pace]).where(terminal="THE")


def test_idioms() -> None:
    assert held("x{}") == "last_over_time(x{}[26h])"
    assert held("x{}", "23h", "-39h") == "last_over_time(x{}[23h] offset -39h)"
    assert at_range_end("x{}") == "last_over_time(x{}[400d] @ end())"
    assert until("a - b", "t") == "(a - b) and on() (vector(time()) <= t)"
    assert of_year_before("x", "$year") == (
        "x * on (year) group_left () count_values('year', vector($year - 1))"
    )


def test_a_day_is_drawn_on_its_own_day(boards: dict[str, Json]) -> None:
    """Steps of a day fall on 08:00 in Shanghai (00:00 UTC).

    Day D's figure is shown from D+1 00:00 to D+2 00:00 there, that is 16 to 40 hours later; the
    query looks 23 hours back from 39 hours later (47 - 8): from 16 to 39.
    """
    port = boards["en/port"]
    daily = next(panel for panel in panels(port) if panel["title"].startswith("TEU a day"))

    assert "[23h] offset -39h)" in daily["targets"][0]["expr"]
    assert daily["targets"][0]["interval"] == "1d"
