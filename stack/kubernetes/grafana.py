"""The boards for Grafana in a cluster: ConfigMaps for its sidecar, and GrafanaDashboard."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from contract.book import Book
from dashboards.grafana.explain_links import ExplainLinks
from dashboards.grafana.language import Language
from dashboards.grafana.layout import boards_of, uid
from dashboards.provisioning import BOARDS, FOLDERS, GrafanaSite, render
from stack.kubernetes.kubernetes_object import Manifest, manifest

__all__ = ["board_config_maps", "data_source_config_map", "operator_manifests"]

API = "grafana.integreatly.org/v1beta1"
PROMETHEUS = "http://quaymark-prometheus.quaymark:9090"
"""The Prometheus of components/prometheus, as Grafana sees it from another namespace."""
GRAFANA = {"matchLabels": {"dashboards": "grafana"}}
"""The Grafana that its operator fills, by the label of the operator's own examples."""


def board_config_maps(book: Book, languages: Sequence[Language], web: str) -> Iterator[Manifest]:
    """Yield a ConfigMap for each board in each language, as Grafana's sidecar finds it.

    `web` is the address of the web page, to which the boards link.
    """
    for language in languages:
        for name in _names(book):
            board = json.dumps(
                BOARDS[name](book, language, ExplainLinks(language, web)),
                ensure_ascii=False,
                separators=(",", ":"),
            )
            yield manifest(
                "v1",
                "ConfigMap",
                uid(name, language),
                {"data": {f"{uid(name, language)}.json": board}},
                labels={"grafana_dashboard": "1"},
                annotations={"grafana_folder": FOLDERS[language.lang]},
            )


def data_source_config_map(book: Book) -> Manifest:
    """Return the ConfigMap with the data source that the boards name."""
    text = yaml.safe_dump(_provisioned(book), sort_keys=False)
    return manifest(
        "v1",
        "ConfigMap",
        "quaymark-data-source",
        {"data": {"quaymark.yaml": text}},
        labels={"grafana_datasource": "1"},
    )


def operator_manifests(book: Book, languages: Sequence[Language]) -> Iterator[Manifest]:
    """Yield the data source, the folders and the boards for Grafana's operator."""
    [source] = _provisioned(book)["datasources"]
    found = {"uid": source.pop("uid"), "instanceSelector": GRAFANA, "datasource": source}
    yield manifest(API, "GrafanaDatasource", "quaymark", {"spec": found})
    for language in languages:
        folder = f"quaymark-{language.lang}"
        titled = {"title": FOLDERS[language.lang], "instanceSelector": GRAFANA}
        yield manifest(API, "GrafanaFolder", folder, {"spec": titled})
        for name in _names(book):
            board = uid(name, language)
            spec = {
                "instanceSelector": GRAFANA,
                "folderRef": folder,
                "configMapRef": {"name": board, "key": f"{board}.json"},
            }
            yield manifest(API, "GrafanaDashboard", board, {"spec": spec})


def _names(book: Book) -> list[str]:
    return [name for name in BOARDS if name in boards_of(book)]


def _provisioned(book: Book) -> dict[str, Any]:
    files = render(book, (), GrafanaSite(prometheus=PROMETHEUS))
    found: dict[str, Any] = yaml.safe_load(files["provisioning/datasources/quaymark.yml"])
    return found
