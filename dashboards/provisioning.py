"""The rendered files: each board in each language, and Grafana's provisioning of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
import yaml

from contract.alerting import WEB
from contract.book import Book
from dashboards.boards.pipeline import pipeline
from dashboards.boards.port import port
from dashboards.boards.projects import projects
from dashboards.boards.targets import targets
from dashboards.grafana.explain_links import ExplainLinks
from dashboards.grafana.language import Lang, Language
from dashboards.grafana.layout import boards_of
from dashboards.grafana.panel_frame import DATA_SOURCE
from dashboards.grafana.theme import Json

HEAD = "# Rendered by `quaymark render`; change dashboards/ and render again.\n"
BOARDS: dict[str, Callable[[Book, Language, ExplainLinks], Json]] = {
    "port": port,
    "projects": lambda book, language, _: projects(book, language),
    "targets": lambda book, language, _: targets(book, language),
    "pipeline": pipeline,
}
"""File name -> the function that builds its board."""
FOLDERS: dict[Lang, str] = {"en": "Quaymark", "zh": "Quaymark 中文"}
"""Language -> the Grafana folder of its boards."""


@dataclass(frozen=True)
class GrafanaSite:
    """Where one Grafana finds its data and files; the defaults are those of docker-compose.yml."""

    prometheus: str = "http://prometheus:9090"
    """Address of Prometheus, as Grafana sees it."""
    dashboards: str = "/etc/grafana/dashboards"
    """The folder of the rendered boards, as Grafana sees it."""
    web: str = WEB
    """Address of the web page, as people open it."""


def render(
    book: Book, languages: Sequence[Language], grafana: GrafanaSite | None = None
) -> dict[str, str]:
    """Path under deploy/grafana/ -> text; the same book always gives the same bytes."""
    grafana = grafana or GrafanaSite()
    files = {
        f"dashboards/{language.lang}/{name}.json": _json(
            draw(book, language, ExplainLinks(language, grafana.web))
        )
        for language in languages
        for name, draw in BOARDS.items()
        if name in boards_of(book)
    }
    return files | {
        "provisioning/datasources/quaymark.yml": _yaml(_data_source(grafana)),
        "provisioning/dashboards/quaymark.yml": _yaml(
            _providers(grafana, [language.lang for language in languages])
        ),
    }


def _json(board: Json) -> str:
    return msgspec.json.format(msgspec.json.encode(board), indent=1).decode() + "\n"


def _yaml(settings: Json) -> str:
    return HEAD + yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)


def _data_source(grafana: GrafanaSite) -> Json:
    source = {
        "name": "Prometheus",
        "type": DATA_SOURCE["type"],
        "uid": DATA_SOURCE["uid"],
        "url": grafana.prometheus,
        "access": "proxy",
        "isDefault": True,
        "editable": False,
        "jsonData": {"httpMethod": "POST", "timeInterval": "15s"},
    }
    return {"apiVersion": 1, "prune": True, "datasources": [source]}


def _providers(grafana: GrafanaSite, langs: Sequence[Lang]) -> Json:
    """One folder for each language; Grafana may neither edit nor delete what is rendered."""
    providers = [
        {
            "name": f"quaymark-{lang}",
            "folder": FOLDERS[lang],
            "type": "file",
            "disableDeletion": True,
            "allowUiUpdates": False,
            "updateIntervalSeconds": 30,
            "options": {"path": f"{grafana.dashboards}/{lang}"},
        }
        for lang in langs
    ]
    return {"apiVersion": 1, "providers": providers}
