"""Every rendered file of deploy/kubernetes, by its path below it."""

from collections.abc import Sequence

import yaml

from contract.book import Book
from dashboards.grafana.language import Language
from rules.config_files import Site
from stack.kubernetes import grafana, monitoring, strimzi
from stack.kubernetes.kubernetes_object import HEAD, Manifest, manifests_text

__all__ = ["OWNED", "kubernetes_files"]

OWNED = (
    "components/strimzi/rendered",
    "components/prometheus/rendered",
    "components/prometheus-operator/rendered",
    "components/boards",
    "components/grafana-operator",
)
"""Folders that hold nothing but rendered files."""


def kubernetes_files(book: Book, languages: Sequence[Language], site: Site) -> dict[str, str]:
    """Return the files: path below deploy/kubernetes -> text."""
    boards = {
        f"{board['metadata']['name']}.yaml": [board]
        for board in grafana.board_config_maps(book, languages, site.links.web)
    }
    operators = list(grafana.operator_manifests(book, languages))
    return {
        "components/strimzi/rendered/topics.yaml": manifests_text(list(strimzi.topics())),
        "components/strimzi/rendered/users.yaml": manifests_text(list(strimzi.users())),
        **{
            f"components/prometheus/rendered/{path}": text
            for path, text in monitoring.prometheus_files(site).items()
        },
        "components/prometheus-operator/rendered/rules.yaml": manifests_text(
            [monitoring.rules(site)]
        ),
        "components/prometheus-operator/rendered/pod-monitor.yaml": manifests_text(
            list(monitoring.pod_monitors())
        ),
        **_component(
            "boards", {"data-source.yaml": [grafana.data_source_config_map(book)], **boards}
        ),
        **_component("grafana-operator", {"boards.yaml": operators}),
    }


def _component(name: str, files: dict[str, list[Manifest]]) -> dict[str, str]:
    """Return a component that is rendered whole, with its kustomization."""
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "resources": list(files),
    }
    texts = {file: manifests_text(manifests) for file, manifests in files.items()}
    texts["kustomization.yaml"] = HEAD + yaml.safe_dump(kustomization, sort_keys=False)
    return {f"components/{name}/{file}": text for file, text in texts.items()}
