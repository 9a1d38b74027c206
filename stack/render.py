"""All rendered files: collected from the rooms that know them, written, or compared."""

from collections.abc import Mapping
from pathlib import Path

import contract.published.document
import dashboards.provisioning
import rules.config_files
from contract.book import Book
from contract.settings import Settings
from dashboards.grafana.language import LANGS, Lang
from kpis.catalogue import CATALOGUE
from kpis.model.document import markdown
from rules.config_files import Site
from stack.alert_receivers import who_is_told
from stack.locales import tongues

Files = Mapping[str, str]
"""Path below a root -> text."""

KAFKA = Settings().kafka  # the address that the AsyncAPI document shows
PRIVATE = 0o600
OWNED = ("deploy/prometheus", "deploy/alertmanager", "deploy/grafana", "docs/schema")
"""Folders of the repository that hold rendered files and nothing else."""


def repository(book: Book, langs: tuple[Lang, ...] = LANGS) -> Files:
    """What is committed: the configuration of docker-compose.yml, the contract and the KPIs."""
    site = rules.config_files.render(rules.config_files.COMPOSE)
    boards = dashboards.provisioning.render(book, tongues(langs))
    return {
        **{f"deploy/{path}": text for path, text in site.items()},
        **{f"deploy/grafana/{path}": text for path, text in boards.items()},
        "docs/kpis.md": markdown(CATALOGUE),
        **{
            f"docs/{path}": text
            for path, text in contract.published.document.published(KAFKA).items()
        },
    }


def local_site(settings: Settings) -> Site:
    """Where the parts of the town on this machine listen, and who is told of its alerts.

    Raises:
        Misconfigured: a mistake in alerting.toml.
    """
    told = who_is_told(settings)
    return Site(
        "local",
        worker_host=settings.metrics_host,
        worker_port=settings.metrics_port,
        prometheus=f"127.0.0.1:{settings.prometheus_port}",
        alertmanager=f"127.0.0.1:{settings.alertmanager_port}",
        grafana=f"http://127.0.0.1:{settings.grafana_port}",
        alerting=told.alerting,
        secrets=told.secrets,
    )


def local(settings: Settings, book: Book) -> Files:
    """What the town on this machine reads, below its folder."""
    site = local_site(settings)
    grafana = dashboards.provisioning.GrafanaSite(
        prometheus=f"http://{site.prometheus}",
        dashboards=str(Path(settings.folder).absolute() / "grafana/dashboards"),
    )
    boards = dashboards.provisioning.render(book, tongues(), grafana)
    return {
        **rules.config_files.render(site),
        **{f"grafana/{path}": text for path, text in boards.items()},
    }


def write(
    root: Path, files: Files, owned: tuple[str, ...] = (), private: tuple[str, ...] = ()
) -> list[str]:
    """Write what differs, remove what is no longer rendered; gives the paths changed.

    Files that are `private` may hold secrets: nobody else may read them.
    """
    changed = stale(root, files, owned)
    for path in changed:
        if path in files:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            if path in private:
                (root / path).touch(mode=PRIVATE)
                (root / path).chmod(PRIVATE)
            (root / path).write_text(files[path], encoding="utf-8")
        else:
            (root / path).unlink()
    return changed


def stale(root: Path, files: Files, owned: tuple[str, ...] = ()) -> list[str]:
    """The sorted paths whose bytes differ, are missing, or are in `owned` and not rendered."""
    differing = {path for path, text in files.items() if _bytes(root / path) != text.encode()}
    there = {
        path.relative_to(root).as_posix()
        for folder in owned
        for path in (root / folder).rglob("*")
        if path.is_file()
    }
    return sorted(differing | (there - files.keys()))


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
