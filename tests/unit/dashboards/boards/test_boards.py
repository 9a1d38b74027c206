"""What holds for every panel of every board, in both languages."""

import ast
import itertools
import re
from pathlib import Path
from typing import Any

import pytest

import dashboards
from dashboards.panels.firing_alerts import NAMES
from dashboards.queries.external import FOREIGN
from kpis.catalogue import KPIS
from kpis.inbox import INBOX
from kpis.model.kpi import Kpi, View, hourly, recorded, total
from kpis.partners import PARTNER_METERS
from kpis.pipeline import PIPELINE
from kpis.receiver import RECEIVER
from kpis.register import REGISTER_METERS
from rules.alerts import ALERTS
from tests.unit.dashboards.conftest import Json, panels, queries

METERS = (*PIPELINE, *INBOX, *RECEIVER, *REGISTER_METERS, *PARTNER_METERS)
MODERN = {"stat", "timeseries", "table"}
WITHOUT = {
    "port_throughput_gap_teu": "drawn as handled less plan, so that it has a future",
}
"""KPIs that no panel asks for by name, and why."""
SERIES = re.compile(r"[a-zA-Z_:][\w:]*(?=\{)")


def names(kpi: Kpi[Any]) -> set[str]:
    """Every series of a KPI: as exported, as recorded, and its recorded sum."""
    return {
        str(kpi.series),
        str(recorded(kpi)),
        str(hourly(kpi)),
        *([str(total(kpi))] if total(kpi) else []),
    }


def test_every_panel_says_what_it_shows_in_which_unit_and_when_there_is_nothing(
    boards: dict[str, Json],
) -> None:
    for path, board in boards.items():
        for panel in panels(board):
            where = f"{path}: {panel['title']} at {panel['gridPos']}"
            assert len(panel["description"]) > 5, where
            assert panel["fieldConfig"]["defaults"]["noValue"], where
            assert panel["type"] in MODERN, where
            assert panel["datasource"]["uid"] == "quaymark-prometheus", where


def test_every_number_has_a_unit(boards: dict[str, Json]) -> None:
    for path, board in boards.items():
        for panel in panels(board):
            defaults, overrides = (
                panel["fieldConfig"]["defaults"],
                panel["fieldConfig"]["overrides"],
            )
            if panel["type"] == "timeseries":
                assert defaults["unit"], (path, panel["title"])
                continue
            with_unit = {
                override["matcher"]["options"]
                for override in overrides
                if any(property_["id"] == "unit" for property_ in override["properties"])
            }
            if panel["type"] == "table":
                named = panel["transformations"][-2]["options"]["renameByName"]
                numbers = {named[field] for field in named if field[:5] in ("Value", "Trend")}
            else:
                numbers = {target["refId"] for target in panel["targets"]}
            mapped = any(defaults.get("mappings", []))
            assert mapped or numbers == with_unit, (path, panel["title"])


def test_a_board_has_its_own_address_and_its_panels_their_own_ids(boards: dict[str, Json]) -> None:
    uids = [board["uid"] for board in boards.values()]

    assert uids == [
        f"quaymark-{name}-{lang}"
        for lang in ("en", "zh")
        for name in ("port", "projects", "targets", "pipeline")
    ]
    for board in boards.values():
        every = {id(panel): panel for panel in (*board["panels"], *panels(board))}
        ids = [panel["id"] for panel in every.values()]
        assert len(set(ids)) == len(ids)


def test_no_panel_covers_another_or_leaves_the_grid(boards: dict[str, Json]) -> None:
    for path, board in boards.items():
        places = [panel["gridPos"] for panel in board["panels"]]
        for one, other in itertools.combinations(places, 2):
            apart = (
                one["x"] + one["w"] <= other["x"]
                or other["x"] + other["w"] <= one["x"]
                or one["y"] + one["h"] <= other["y"]
                or other["y"] + other["h"] <= one["y"]
            )
            assert apart, (path, one, other)
        assert all(place["x"] + place["w"] <= 24 for place in places), path


def test_a_board_keeps_the_ports_time_and_leads_to_the_others(boards: dict[str, Json]) -> None:
    addresses = {f"/d/{board['uid']}" for board in boards.values()}

    for path, board in boards.items():
        assert board["timezone"] == "Asia/Shanghai"
        assert board["tags"] == ["quaymark", path[:2]]
        assert board["editable"] is False
        for link in board["links"]:
            assert link["url"] in addresses
            assert link["url"].endswith(path[:2])
            assert link["keepTime"]
            assert link["includeVars"]


def test_every_series_is_in_the_catalogue(boards: dict[str, Json]) -> None:
    known = {name for kpi in KPIS.values() for name in names(kpi)}
    known |= {str(series) for meter in METERS for series in (meter.series, meter.buckets)}
    known |= {str(series) for series in FOREIGN}

    for path, board in boards.items():
        asked = {name for expr in queries(board) for name in SERIES.findall(expr)}
        assert asked, path
        assert asked <= known, (path, asked - known)


def test_every_kpi_has_a_panel_or_a_reason_to_have_none(boards: dict[str, Json]) -> None:
    for lang in ("en", "zh"):
        asked = {
            name
            for path, board in boards.items()
            if path.startswith(lang)
            for expr in queries(board)
            for name in SERIES.findall(expr)
        }
        unseen = {
            str(kpi.series)
            for kpi in KPIS.values()
            if kpi.view is not View.PART and not names(kpi) & asked
        }
        assert unseen == set(WITHOUT)


def test_no_series_is_written_by_hand() -> None:
    """Every name comes from a Kpi: none stands in a string of this room, docstrings aside."""
    known = {name for kpi in KPIS.values() for name in names(kpi)}
    known |= {kpi.family + "_" for kpi in KPIS.values()}
    known |= {str(meter.series) for meter in METERS}

    for path in Path(next(iter(dashboards.__path__))).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                written = [name for name in known if name in node.value]
                assert not written, f"{path.name}:{node.lineno}: {written}"


def test_only_the_grafana_folder_knows_grafanalib() -> None:
    folder = Path(next(iter(dashboards.__path__)))

    knowing = {path.parent for path in folder.rglob("*.py") if "grafanalib" in path.read_text()}

    assert knowing == {folder / "grafana"}


def test_the_terminal_filters_nothing_that_stands_beside_the_plan(boards: dict[str, Json]) -> None:
    for lang in ("en", "zh"):
        board = boards[f"{lang}/port"]
        for panel in panels(board):
            first_screen = panel["gridPos"]["y"] < 14 or panel["gridPos"]["x"] == 0
            if first_screen and panel["type"] != "table":
                for target in panel["targets"]:
                    assert "${terminal" not in target["expr"], panel["title"]


def test_the_daily_plan_is_drawn_for_the_whole_port_alone(boards: dict[str, Json]) -> None:
    board = boards["en/port"]
    daily = next(panel for panel in panels(board) if panel["title"].startswith("TEU a day"))

    plan = daily["targets"][2]["expr"]

    assert re.search(r"count\(.*\$\{terminal:pipe\}.*\) == count\(", plan)


@pytest.mark.parametrize("name", ["port", "projects"])
def test_both_languages_ask_the_same_questions(boards: dict[str, Json], name: str) -> None:
    """Scaling to 万标箱 and 亿元 aside."""
    scaled = re.compile(r"[()]| / 1e[489]")
    english, chinese = (boards[f"{lang}/{name}"] for lang in ("en", "zh"))

    assert [scaled.sub("", expr) for expr in queries(english)] == [
        scaled.sub("", expr) for expr in queries(chinese)
    ]
    texts = [panel["title"] + panel["description"] for panel in panels(chinese)]
    assert all(re.search(r"[\u4e00-\u9fff]", text) for text in texts)


def test_each_partition_that_workers_read_wants_a_worker(boards: dict[str, Json]) -> None:
    """Three raw topics of 4 partitions, targets and three of snapshots of 2: 12 + 2 + 6 = 20."""
    [target] = [
        target
        for panel in panels(boards["en/pipeline"])
        for target in panel["targets"]
        if target["legendFormat"] == "Partitions without a worker"
    ]

    assert target["expr"].startswith("((20 - (")


def test_every_alert_has_a_word_on_the_board() -> None:
    assert {alert.name for alert in ALERTS} == set(NAMES)


def test_variables_are_those_that_the_queries_name(boards: dict[str, Json]) -> None:
    for path, board in boards.items():
        variables = {variable["name"] for variable in board["templating"]["list"]}
        named = {name for expr in queries(board) for name in re.findall(r"\$\{?([a-z]\w*)", expr)}
        assert named == variables, path


@pytest.mark.parametrize(("path", "said"), [("en/port", "All"), ("zh/port", "全部")])
def test_all_terminals_are_chosen_at_first_and_called_so(
    boards: dict[str, Json], path: str, said: str
) -> None:
    [terminal] = [one for one in boards[path]["templating"]["list"] if one["name"] == "terminal"]

    assert terminal["current"] == {"selected": True, "text": [said], "value": ["$__all"]}
    assert terminal["options"][0] == {"selected": True, "text": said, "value": "$__all"}
    assert [one["selected"] for one in terminal["options"][1:]] == [False, False, False]


@pytest.mark.parametrize(
    ("path", "joined", "said"),
    [
        # the zone goes without saying, a port area has a name, an unknown scope stays as it is
        ("en/projects", "gdp_share · zone", "Share of GDP"),
        ("en/projects", "gdp_share · zone · 2026-Q3", "Share of GDP · 2026-Q3"),
        ("zh/projects", "container_throughput · tonghai", "集装箱吞吐量 · 通海港区"),
        ("en/projects", "container_throughput · singapore", "Container throughput · singapore"),
        ("en/projects", "wind_hours · zone", "wind_hours · zone"),
    ],
)
def test_a_published_figure_has_a_name(
    boards: dict[str, Json], path: str, joined: str, said: str
) -> None:
    column = next(
        property_["value"]
        for panel in panels(boards[path])
        for override in panel["fieldConfig"]["overrides"]
        for property_ in override["properties"]
        if property_["id"] == "mappings" and property_["value"][0]["type"] == "regex"
    )

    assert _mapped(column, joined) == said


def _mapped(mappings: list[Json], value: str) -> str:
    """As Grafana does it: the first pattern that matches says the text."""
    for one in mappings:
        pattern = one["options"]["pattern"].strip("/")
        if re.search(pattern, value):
            text = one["options"]["result"]["text"].replace("$1", r"\1")
            return re.sub(pattern, text, value)
    return value
