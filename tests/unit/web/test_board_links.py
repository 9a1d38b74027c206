"""The links of Grafana's boards to the page that takes figures apart: each is one it answers."""

import asyncio
import json
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from contract.alerting import Alerting
from dashboards.provisioning import GrafanaSite, render
from register.store import RegisterStore
from rules.alerts import ALERTS
from rules.config_files import Site
from stack.locales import languages
from tests.unit.ledger.records import BOOK, NOW, moved, topic
from tests.unit.web.test_page_server import Fixed, site
from web.server.figure_pages import FigurePages
from web.server.register_source import RegisterSource

PAGE = "https://board.port.example"
MARCH_1 = "1772323200000"
"""1 March 2026 08:00 in Shanghai: 28 February still in New York, where a reader may be."""
SAMPLES = {
    "port_area": "tonghai",
    "year": "2026",
    "__value.time": MARCH_1,
    "__from": "1767225600000",  # 1 January 2026
    "__to": "1798732799000",  # 31 December: a board of the year ends ahead
    "terminal:pipe": "THE|THC",
    "__field.labels.terminal": "THE",
}
CELLS = {
    "terminal": ["THE"],
    "class": ["0 discharge", "0 load", "1 laden", "2 45", "3 transhipment"],
    "reason": ["unknown_terminal"],
    "partner": ["-"],  # of none
}
"""Parameter -> the cells from which it is taken, as the queries give them."""
OF_A_CELL = r"(\w+)=\$\{(?:__value\.raw|__data\.fields\.code)\}"
ALL = {"en": "all days", "zh": "所有日期"}
SAID = {
    "en": {"0 discharge": "discharge", "0 load": "load", "1 laden": "laden", "2 45": "45"}
    | {"3 transhipment": "transhipment", "GTIN": "gate in", "GTOT": "gate out"}
    | {"unknown_terminal": "unknown terminal", "unknown_size": "unknown size"},
    "zh": {"0 discharge": "卸船", "0 load": "装船", "1 laden": "重箱", "2 45": "45"}
    | {"3 transhipment": "中转", "GTIN": "进闸", "GTOT": "出闸"}
    | {"unknown_terminal": "未知码头", "unknown_size": "箱型不明"},
}

BOARDS = {
    path: json.loads(text)
    for path, text in render(BOOK, languages(), GrafanaSite(web=PAGE)).items()
    if path.endswith(".json")
}


def panels(board: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for top in board["panels"]:
        yield from top["panels"] if top["type"] == "row" else [top]


def links(panel: dict[str, Any]) -> list[str]:
    """The addresses on our page to which a panel leads."""
    config = panel["fieldConfig"]
    found = [*config["defaults"].get("links", ())]
    for override in config["overrides"]:
        for one in override["properties"]:
            found += one["value"] if one["id"] == "links" else ()
    return [one["url"] for one in found if one["url"].startswith(PAGE)]


def filled(url: str) -> Iterator[str]:
    """A link as Grafana opens it, for each row that it may be on."""
    names = re.findall(OF_A_CELL, url)
    for cells in product(*(CELLS[name] for name in names)):
        of_row = dict(zip(names, cells, strict=True))
        in_cells = re.sub(OF_A_CELL, lambda name: f"{name[1]}={quote(of_row[name[1]])}", url)  # noqa: B023
        yield re.sub(r"\$\{([^}]*)\}", lambda name: SAMPLES[name[1]], in_cells)


def answers(folder: Path, addresses: list[str]) -> dict[str, tuple[int, str]]:
    async def run() -> dict[str, tuple[int, str]]:
        application = web.Application()
        register = RegisterSource(folder, BOOK, Fixed(site()), lambda: NOW)
        FigurePages(register).add_to(application)
        found = {}
        async with TestClient(TestServer(application)) as client:
            for address in addresses:
                parts = urlsplit(address)
                got = await client.get(f"{parts.path}?{parts.query}")
                found[address] = got.status, await got.text()
        return found

    return asyncio.run(run())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """On 1 March: 20 ft at THE, and one at an unknown terminal, which was refused."""
    folder = tmp_path_factory.mktemp("register")
    RegisterStore(folder, BOOK).add({0: topic([moved("a"), moved("x", terminal="THX")])})
    return folder


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_answers_each_link_of_each_panel(folder: Path, lang: str) -> None:
    asked = {
        address
        for path, board in BOARDS.items()
        if f"/{lang}/" in path
        for panel in panels(board)
        for url in links(panel)
        for address in filled(url)
    }

    found = answers(folder, sorted(asked))

    assert len(found) > 10
    assert {status for status, _ in found.values()} == {200}
    for address, (_, text) in found.items():
        assert 'role="alert"' not in text, address
        [title] = re.findall("<title>(.*)</title>", text)
        asked_for = parse_qs(urlsplit(address).query)
        # a day by its point, a month, a year or all days, else yesterday: NOW is 10 March
        [period] = asked_for.get("period", [asked_for.get("span", ["day"])[0]])
        days = {"2026": "2026", "month": "2026-12", "all": ALL[lang]}
        days["day"] = "2026-03-01" if "at" in asked_for else "2026-03-09"
        parts = [days[period], *asked_for.get("terminal", ())]
        for name in ("class", "move", "reason"):
            parts += [SAID[lang][one] for one in asked_for.get(name, ())]
        assert set(parts) <= set(title.split(" · ")), address


@pytest.mark.parametrize("path", [path for path in BOARDS if path.endswith("/port.json")])
def test_every_panel_of_the_port_board_leads_to_its_records(path: str) -> None:
    without = {panel["title"] for panel in panels(BOARDS[path]) if not links(panel)}

    assert without == set()


def test_a_point_leads_to_its_day_in_the_ports_zone(folder: Path) -> None:
    [daily] = [
        panel
        for panel in panels(BOARDS["dashboards/en/port.json"])
        if panel["title"].startswith("TEU a day")
    ]
    day, afterwards = (next(filled(url)) for url in list(dict.fromkeys(links(daily))))

    texts = answers(folder, [day, afterwards])

    assert "· 2026-03-01 · THE, THC</title>" in texts[day][1]
    assert "1.00 TEU, 1 moves" in texts[day][1]
    # both records came on 10 March, long after the board had taken the day's figure
    assert "0.00 → 1.00 TEU: +1.00</b> known from 2026-03-02 23:00:00" in texts[afterwards][1]


def test_a_point_of_the_year_leads_to_what_was_known_then(folder: Path) -> None:
    panel = next(
        one
        for one in panels(BOARDS["dashboards/en/port.json"])
        if one["title"] == "TEU since 1 January"
    )
    then, before, day = (next(filled(url)) for url in dict.fromkeys(links(panel)))

    texts = answers(folder, [then, before, day])

    # on 1 March the port knew of no move; on 10 March it got one of that day
    assert "Nothing is booked here" in texts[then][1]
    assert "known on 2026-03-01 08:00:00" in texts[then][1]
    assert "0.00 → 0.00 TEU: +0.00" in texts[before][1]
    assert "1.00 TEU, 1 moves" in texts[day][1]


def test_a_refused_reason_leads_to_its_records(folder: Path) -> None:
    found = {
        url
        for panel in panels(BOARDS["dashboards/en/pipeline.json"])
        for template in links(panel)
        for url in filled(template)
    }

    texts = [text for _, text in answers(folder, list(found)).values()]

    assert len(texts) == 2  # of the range of the board, and of a partner's 24 hours
    for text in texts:
        assert "<b>1 records</b>" in text
        assert "port.moves.raw/0/1" in text
        assert "port.moves.raw/0/0" not in text  # that one counts


def test_an_alert_about_teu_leads_to_what_changed_since_yesterday(folder: Path) -> None:
    behind = next(one for one in ALERTS if one.name == "TargetBehind")
    annotations = behind.rule(Site("local", alerting=Alerting(reports=PAGE)).links)["annotations"]
    [address] = re.findall(rf"{PAGE}[^ ]*?(?:\{{{{.*?\}}}}[^ {{]*)+", annotations["explain_url"])
    for label, value in (("owner", "tonghai"), ("period", "2026")):
        address = re.sub(rf"\{{\{{ \$labels\.{label}[^}}]*\}}\}}", value, address)
    address = address.partition("{{")[0]

    [(status, text)] = answers(folder, [address]).values()

    # both records came at NOW, within the 24 hours before it
    assert (status, "0.00 → 1.00 TEU: +1.00" in text) == (200, True), (address, text[:3000])
