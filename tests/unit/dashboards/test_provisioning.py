"""The rendered files: the same bytes each time, and only what Grafana's own models know."""

import json
import re
from typing import Any

import msgspec
import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from contract.book import Book
from contract.events import Label
from dashboards.grafana.language import Language
from dashboards.grafana.layout import as_pattern
from dashboards.provisioning import BOARDS, GrafanaSite, render
from dashboards.queries.promql import select
from kpis.model.kpi import Series
from stack.locales import languages
from tests.unit.dashboards.conftest import Json

ANNOTATION = {"step", "titleFormat", "useValueForTime"}
"""Keys of the Prometheus data source's own annotations, which the models leave to it."""


def test_the_same_book_gives_the_same_bytes(book: Book) -> None:
    assert render(book, languages()) == render(book, languages())


def test_there_is_a_board_a_language_and_what_grafana_finds_them_by(book: Book) -> None:
    assert sorted(render(book, languages())) == [
        *(f"dashboards/{lang}/{name}.json" for lang in ("en", "zh") for name in sorted(BOARDS)),
        "provisioning/dashboards/quaymark.yml",
        "provisioning/datasources/quaymark.yml",
    ]
    assert not [path for path in render(book, languages(("zh",))) if "/en/" in path]


def test_provisioning_names_the_address_and_the_folders_it_is_given(book: Book) -> None:
    files = render(
        book, languages(), GrafanaSite("http://127.0.0.1:9999", "/somewhere/with space")
    )

    source = yaml.safe_load(files["provisioning/datasources/quaymark.yml"])["datasources"][0]
    providers = yaml.safe_load(files["provisioning/dashboards/quaymark.yml"])["providers"]

    assert (source["url"], source["uid"]) == ("http://127.0.0.1:9999", "quaymark-prometheus")
    assert [one["options"]["path"] for one in providers] == [
        "/somewhere/with space/en",
        "/somewhere/with space/zh",
    ]


def test_grafanas_models_know_every_key(boards: dict[str, Json]) -> None:
    """Read into the published models and written again, nothing is lost but what is newer."""
    register_default_plugins()

    for path, given in boards.items():
        model = Dashboard.from_json(json.loads(json.dumps(given)))
        known = json.loads(json.dumps(model, cls=JSONEncoder))
        assert _lost(given, known) <= ANNOTATION, path


def test_a_label_value_of_the_book_is_quoted() -> None:
    series = Series("port_throughput_ytd_teu", ("port_area", "terminal"))

    picked = select(series, port_area='Tonghai\'s \\ "东"', terminal="~a|b")

    assert picked == (
        "port_throughput_ytd_teu{port_area='Tonghai\\'s \\\\ \"东\"',terminal=~'a|b',run=~'$run'}"
    )


def test_names_of_terminals_may_hold_commas_quotes_and_chinese(book: Book) -> None:
    area = book.area[0]
    odd = msgspec.structs.replace(
        area.terminal[0], code='T"1,\\', name=Label(zh="一号，“东”", en='One, "east"')
    )
    strange = msgspec.structs.replace(
        book, area=(msgspec.structs.replace(area, terminal=(odd, *area.terminal[1:])),)
    )

    board = json.loads(render(strange, languages())["dashboards/en/port.json"])

    terminal = next(one for one in board["templating"]["list"] if one["name"] == "terminal")
    assert terminal["options"][1] == {
        "text": 'One, "east"',
        "value": "T.1..",
        "selected": False,
    }
    assert terminal["query"].startswith('One\\, "east" : T.1..,')


def test_forty_terminals_have_no_more_than_four_names_under_a_curve(book: Book) -> None:
    area = book.area[0]
    many = tuple(
        msgspec.structs.replace(area.terminal[0], code=f"T{n:02}", name=Label(zh="号", en="T"))
        for n in range(40)
    )
    crowded = msgspec.structs.replace(book, area=(msgspec.structs.replace(area, terminal=many),))

    board = json.loads(render(crowded, languages())["dashboards/en/port.json"])

    hours = next(one for one in board["panels"] if one["title"].startswith("TEU an hour"))
    assert len(hours["targets"]) == 5  # four by rank, the rest together
    unseen = [
        override["matcher"]["options"]
        for override in hours["fieldConfig"]["overrides"]
        for property_ in override["properties"]
        if property_["id"] == "custom.hideFrom" and property_["value"]["legend"]
    ]
    assert unseen == ["E"]
    terminal = next(one for one in board["templating"]["list"] if one["name"] == "terminal")
    assert len(terminal["options"]) == 41  # and all of them


@pytest.mark.parametrize("code", ['T"1', "T'1", "T(1", "通海东", "T\\\\1", "a|b"])
def test_any_code_of_a_terminal_is_a_pattern_that_matches_it(code: str) -> None:
    pattern = as_pattern(code)

    assert re.fullmatch(pattern, code)
    assert not set(pattern) & set("\"'\\\\|$()")


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        # 970,660 TEU are 97.066 wan; 152.3e9 yuan are 152.3 bn or 1,523 yi
        ("en", [("x", "locale", 0), ("(x) / 1e9", "none", 1)]),
        ("zh", [("(x) / 1e4", "none", 2), ("(x) / 1e8", "locale", 0)]),
    ],
)
def test_each_language_counts_in_its_own_units(
    lang: Any, expected: list[tuple[str, str, int]]
) -> None:
    say = Language(lang)

    said = [say.teu("x"), say.yuan("x")]

    assert [(one.expr, one.unit, one.decimals) for one in said] == expected


def _lost(given: Any, known: Any) -> set[str]:
    """Keys that are in one and not in the other."""
    if isinstance(given, dict):
        gone = {key for key in given if not isinstance(known, dict) or key not in known}
        kept = given.keys() - gone
        return gone.union(*(_lost(given[key], known[key]) for key in kept)) if kept else gone
    if isinstance(given, list):
        return set().union(*(_lost(a, b) for a, b in zip(given, known, strict=True)))
    return set()
