"""The manifests of deploy/kubernetes, and the schemas by which a cluster takes or refuses them."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml
from jsonschema import Draft7Validator

ROOT = Path(__file__).parents[4]
FOLDER = ROOT / "deploy/kubernetes"
SCHEMAS = Path(__file__).with_name("schemas")

Manifest = dict[str, Any]


@cache
def manifests(path: str) -> tuple[Manifest, ...]:
    """Return the manifests of a file below deploy/kubernetes."""
    text = (FOLDER / path).read_text(encoding="utf-8")
    return tuple(one for one in yaml.load_all(text, yaml.CSafeLoader) if one is not None)


def manifest_files() -> list[str]:
    """Return every file with manifests: no kustomization, no file that a ConfigMap takes."""
    given = {path for _, one in kustomizations() for path in configured(one)}
    return sorted(
        path.relative_to(FOLDER).as_posix()
        for path in FOLDER.rglob("*.yaml")
        if path.name != "kustomization.yaml" and path.name not in given
    )


def kustomizations() -> Iterator[tuple[Path, Manifest]]:
    """Yield the folder of each kustomization, and what it says."""
    for path in sorted(FOLDER.rglob("kustomization.yaml")):
        yield path.parent, yaml.safe_load(path.read_text(encoding="utf-8"))


def configured(kustomization: Manifest) -> list[str]:
    """Return the files of which a kustomization makes ConfigMaps."""
    made = kustomization.get("configMapGenerator", [])
    return [file for one in made for file in one.get("files", [])]


def faults(manifest: Manifest) -> list[str]:
    """Return what a cluster would refuse of a manifest: the place, and why."""
    return sorted(
        f"{'.'.join(map(str, error.absolute_path))}: {error.message}"
        for error in _validator(manifest["apiVersion"], manifest["kind"]).iter_errors(manifest)
    )


@cache
def _validator(api: str, kind: str) -> Draft7Validator:
    group, _, version = api.rpartition("/")
    if (SCHEMAS / group).is_dir() and group:
        path = SCHEMAS / group / f"{kind.lower()}_{version}.json"
    else:
        parts = [kind.lower(), *group.split(".")[:1], version]
        path = SCHEMAS / "core" / f"{'-'.join(part for part in parts if part)}.json"
    return Draft7Validator(msgspec.json.decode(path.read_bytes()))
