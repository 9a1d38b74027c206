"""The rendered files: collected from the rooms that declare them, written, or compared."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import structs
from msgspec.structs import replace

import contract.published.document
import dashboards.provisioning
import rules.config_files
from contract.alerting import Alerting
from contract.book import Book
from contract.http.access import HttpAccess
from contract.published.rights_page import rights_page
from contract.settings import Settings
from dashboards.grafana.language import LANGS, Lang
from dashboards.grafana.layout import boards_of
from kpis.catalogue import CATALOGUE
from kpis.model.document import markdown
from reports.forms.figures_json import schema_text
from rules.config_files import Site
from stack.alert_receivers import read_alert_receivers
from stack.kubernetes import files as kubernetes
from stack.locales import languages

Files = Mapping[str, str]
"""Path below a root folder -> text."""

KAFKA = Settings().kafka  # the address in the AsyncAPI document
PRIVATE = 0o600
KUBERNETES = "deploy/kubernetes"
OWNED = (
    "deploy/prometheus",
    "deploy/alertmanager",
    "deploy/grafana",
    "docs/schema",
    *(f"{KUBERNETES}/{folder}" for folder in kubernetes.OWNED),
)
"""Folders of the repository that hold nothing but rendered files."""


def repository_files(
    book: Book, langs: tuple[Lang, ...] = LANGS, alerting: Alerting | None = None
) -> Files:
    """Return the committed files: configuration for containers, schemas and KPI table.

    `alerting` has the addresses to which the boards, and the alerts of a cluster, link.
    """
    cluster = replace(rules.config_files.KUBERNETES, alerting=alerting or Alerting())
    in_cluster = kubernetes.kubernetes_files(book, languages(langs), _with_boards(cluster, book))
    site = rules.config_files.render(_with_boards(rules.config_files.COMPOSE, book))
    grafana = dashboards.provisioning.GrafanaSite(web=cluster.links.web)
    boards = dashboards.provisioning.render(book, languages(langs), grafana)
    return {
        **{f"deploy/{path}": text for path, text in site.items()},
        f"deploy/{rules.config_files.BY_TLS}": rules.config_files.by_tls(
            rules.config_files.COMPOSE
        ),
        **{f"deploy/grafana/{path}": text for path, text in boards.items()},
        **{f"{KUBERNETES}/{path}": text for path, text in in_cluster.items()},
        "docs/kpis.md": markdown(CATALOGUE),
        "docs/kafka-rights.md": rights_page(),
        "docs/schema/report.json": schema_text(),
        **{
            f"docs/{path}": text
            for path, text in contract.published.document.published(KAFKA).items()
        },
    }


def local_site(settings: Settings) -> Site:
    """Return the addresses of the servers on this machine, and the receivers of their alerts.

    Raises:
        Misconfigured: alerting.toml has a mistake.
    """
    receivers = read_alert_receivers(settings)
    posts = f"{settings.receive_host}:{settings.receive_port}"
    return Site(
        "local",
        worker_host=settings.metrics_host,
        worker_port=settings.metrics_port,
        inbox=f"{settings.metrics_host}:{settings.inbox_metrics_port}",
        reports=f"{settings.metrics_host}:{settings.report_metrics_port}",
        register=f"{settings.metrics_host}:{settings.register_metrics_port}",
        prometheus=f"127.0.0.1:{settings.prometheus_port}",
        alertmanager=f"127.0.0.1:{settings.alertmanager_port}",
        grafana=f"http://127.0.0.1:{settings.grafana_port}",
        web=f"{settings.http_access.scheme}://{settings.web_host}:{settings.web_port}",
        access=_whole_paths(settings.http_access),
        receiver=posts if settings.receive_token_file else "",
        alerting=receivers.alerting,
        secrets=receivers.secrets,
    )


def _whole_paths(access: HttpAccess) -> HttpAccess:
    """Return the settings with paths that mean the same to a server of another folder."""
    paths = {
        name: str(Path(path).absolute())
        for name, path in structs.asdict(access).items()
        if path and name != "server_name"
    }
    return replace(access, **paths)


def local_files(settings: Settings, book: Book) -> Files:
    """Return the files that the servers of `quaymark up` read, below its folder."""
    site = local_site(settings)
    grafana = dashboards.provisioning.GrafanaSite(
        prometheus=f"http://{site.prometheus}",
        dashboards=str(Path(settings.folder).absolute() / "grafana/dashboards"),
        web=site.links.web,
    )
    boards = dashboards.provisioning.render(book, languages(), grafana)
    return {
        **rules.config_files.render(_with_boards(site, book)),
        **{f"grafana/{path}": text for path, text in boards.items()},
    }


def _with_boards(site: Site, book: Book) -> Site:
    """Return the site without the alerts on what the book does not describe."""
    return replace(site, boards=boards_of(book))


def write_files(
    root: Path, files: Files, owned: tuple[str, ...] = (), private: tuple[str, ...] = ()
) -> list[str]:
    """Write the files that differ, remove those no longer rendered, and return the paths changed.

    Files in `private` may hold secrets, so only their owner may read them.
    """
    changed = stale_files(root, files, owned)
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


def stale_files(root: Path, files: Files, owned: tuple[str, ...] = ()) -> list[str]:
    """Return the sorted paths that differ or are missing, or that `owned` folders hold beyond."""
    differing = {path for path, text in files.items() if _bytes(root / path) != text.encode()}
    on_disk = {
        path.relative_to(root).as_posix()
        for folder in owned
        for path in (root / folder).rglob("*")
        if path.is_file()
    }
    return sorted(differing | (on_disk - files.keys()))


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
