"""A Kubernetes manifest as a value, and several of them as a YAML file."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from rules.config_files import PlainYaml

__all__ = ["HEAD", "Manifest", "manifest", "manifests_text"]

Manifest = dict[str, Any]

HEAD = "# Rendered by `quaymark render`, which says from what in docs/kubernetes.md.\n"


def manifest(
    api: str, kind: str, name: str, body: Mapping[str, Any], **metadata: Mapping[str, str]
) -> Manifest:
    """Return a manifest; `metadata` are its labels and annotations."""
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **metadata}, **body}


def manifests_text(manifests: Sequence[Manifest]) -> str:
    """Return the text of a file with these manifests, one document each."""
    return HEAD + yaml.dump_all(
        manifests, None, PlainYaml, sort_keys=False, allow_unicode=True, width=10_000
    )
