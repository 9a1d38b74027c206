"""What the panels show where something is not known, evaluated by promtool."""

from pathlib import Path
from typing import Any

import pytest

from dashboards.queries.promql import aggregate
from kpis.model.kpi import Kpi, Series, hourly, recorded
from kpis.port import growth, handled
from kpis.port.throughput import LATEST, THROUGHPUT
from tests.unit.dashboards.conftest import Json, panels
from tests.unit.dashboards.evaluation import Values, evaluate

pytestmark = pytest.mark.needs("prometheus")

AREA, YEAR = 'port_area="tonghai"', 'port_area="tonghai",year="1970"'


def shown(board: Json, name: str) -> list[str]:
    """The queries of the figures of a name: a number, and the reason in its place."""
    return [
        target["expr"]
        for panel in panels(board)
        for target in panel["targets"]
        if target["legendFormat"] == name
    ]


def sample(series: Series | Kpi[Any], labels: str) -> str:
    return f"{series}{{{labels}}}"


@pytest.mark.parametrize(
    ("name", "ratio", "code", "labels"),
    [
        ("YTD YoY, %", growth.ytd_on_year, growth.ytd_on_year_code, YEAR),
        ("Month YoY, %", growth.month_on_year, growth.month_on_year_code, AREA),
        ("MoM, %", growth.month_on_month, growth.month_on_month_code, AREA),
    ],
)
@pytest.mark.parametrize(
    ("ratios", "codes", "number", "reason"),
    [
        ("0.25x9", "0x9", [25.0], []),
        ("_x9", "2x9", [], [2.0]),
        # a week was taken back three hours ago: the growth of before is no longer true
        ("0.25x5 _x3", "0x5 3x3", [], [3.0]),
    ],
)
def test_a_growth_figure_is_a_number_or_a_reason(
    tmp_path: Path,
    boards: dict[str, Json],
    name: str,
    ratio: Any,
    code: Any,
    labels: str,
    ratios: str,
    codes: str,
    number: Values,
    reason: Values,
) -> None:
    family = THROUGHPUT if labels == YEAR else LATEST
    series = {
        sample(aggregate(family[ratio]), labels): ratios,
        sample(aggregate(family[code]), labels): codes,
    }
    of_number, of_reason = shown(boards["en/port"], name)

    evaluate(tmp_path, of_number, series, "8h", number, year="1970")
    evaluate(tmp_path, of_reason, series, "8h", reason, year="1970")


def test_a_year_that_is_over_has_no_running_month(tmp_path: Path, boards: dict[str, Json]) -> None:
    """The worker knows the month of 1970 alone, which says nothing about 1969."""
    series = {sample(aggregate(LATEST[growth.month_to_date]), AREA): "700x9"}
    (month,) = shown(boards["en/port"], "Month, TEU")

    evaluate(tmp_path, month, series, "8h", [700.0], year="1970")
    evaluate(tmp_path, month, series, "8h", [], year="1969")


@pytest.mark.parametrize(("code", "share"), [("0x9", [0.7]), ("2x9", [])])
def test_the_cargo_mix_has_a_column_of_last_year_only_if_that_is_whole(
    tmp_path: Path, boards: dict[str, Json], code: str, share: Values
) -> None:
    """Last year 70 of 100 TEU were loaded; its last night alone would make some share, too."""
    mix = str(recorded(THROUGHPUT[handled.ytd_class]))
    of = f'{AREA},year="1969",terminal="THE",fill="",size="",kind="normal"'
    series = {
        f'{mix}{{{of},move="load"}}': "70x9",
        f'{mix}{{{of},move="discharge"}}': "30x9",
        sample(hourly(THROUGHPUT[growth.completeness]), f'{AREA},year="1969"'): code,
    }
    table = next(panel for panel in panels(boards["en/port"]) if "share of TEU" in panel["title"])
    last_year = table["targets"][1]["expr"]

    evaluate(tmp_path, f"max({last_year})", series, "8h", share, year="1970")


UP = 'up{job="quaymark",instance="w"}'
HEALTHY, DOWN = 1.0, 4.0


@pytest.mark.parametrize(
    ("up", "at", "state"),
    [
        ("_x10 1x9", "5h", []),  # a range before the first start
        ("1x5", "5h", [HEALTHY]),
        ("0x5", "5h", [DOWN]),
        ("1x5", "100h", [DOWN]),  # Prometheus no longer knows of any worker
    ],
)
def test_before_the_first_start_no_worker_is_down_or_healthy(
    tmp_path: Path, boards: dict[str, Json], up: str, at: str, state: Values
) -> None:
    (status,) = shown(boards["en/pipeline"], "Pipeline")

    evaluate(tmp_path, status, {UP: up}, at, state)


@pytest.mark.parametrize(
    ("since", "days"),
    [("0x60", [2.0]), (None, [-1.0])],  # -1 is shown as a dash
)
def test_an_alert_that_history_brought_is_listed_without_its_days(
    tmp_path: Path, boards: dict[str, Json], since: str | None, days: Values
) -> None:
    """It fires since the zero of promtool, two days before the hour 48."""
    alert = 'alertname="WorkerAbsent",severity="critical"'
    series = {f'ALERTS{{{alert},alertstate="firing"}}': "1x60"}
    if since:
        series[f"ALERTS_FOR_STATE{{{alert}}}"] = since
    table = next(panel for panel in panels(boards["en/targets"]) if panel["title"] == "Firing now")

    evaluate(tmp_path, f"max({table['targets'][0]['expr']})", series, "48h", days)
