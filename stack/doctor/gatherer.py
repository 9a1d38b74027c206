"""All facts about the port and its machine, gathered once; what can't be seen is noted."""

import shlex
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from access.client import AccessRefused, ask
from archive.last_backup import read_last_backup
from broker import admin
from broker.connection import Connection
from contract.errors import Misconfigured
from contract.settings import Settings
from stack.backfill.prometheus_api import Prometheus
from stack.backup.backup_manifest import read_manifest
from stack.context import CommandContext
from stack.doctor.facts import BackupFound, Facts, OtherVersion, PrometheusFound, WorkerFound
from stack.doctor.kafka_facts import KafkaFacts
from stack.http_client import page
from stack.processes import lock
from stack.processes.disk_space import free_bytes
from stack.processes.supervisor import port_claims
from stack.processes.tcp_ports import PortClaim, listens
from stack.status import target_table
from stack.status.exposition import lag
from stack.status.live_workers import live_exposition, worker_addresses
from stack.upgrade.change_list import ChangeKind, own_changes
from stack.upgrade.version_notes import read_notes

UNIT_FOLDERS = (Path("/etc/systemd/system"), Path.home() / ".config/systemd/user")
GRAFANA = "grafana"
PACKAGE = "quaymark"


def gather(context: CommandContext, backups: Path | None) -> Facts:
    """Gather the facts about the port in this folder.

    Raises:
        Misconfigured: quaymark.toml or targets.toml can't be read.
    """
    settings, book, now = context.settings, context.book(), context.now()
    wanted = target_table.wanted(settings, book)
    answers = admin.answers(Connection.of(settings))
    inside = KafkaFacts(settings, book, now)
    if not answers:
        inside.not_seen.append(f"Kafka at {settings.kafka} does not answer: books, topics, clock")
    worker = inside.look("worker", lambda: _worker(settings)) or WorkerFound(
        _addresses(settings), answers=False
    )
    prometheus = _prometheus(settings, now.timestamp())
    alertmanager = settings.alertmanager
    has_alertmanager = page(f"{alertmanager}/-/ready") is not None
    at_work = {
        "kafka": answers,
        "kafka's controller": answers,
        "worker": worker.answers,
        "inbox": _shows(settings, settings.metrics_host, settings.inbox_metrics_port, "inbox_"),
        "report": _shows(settings, settings.metrics_host, settings.report_metrics_port, "report_"),
        "register": _shows(
            settings, settings.metrics_host, settings.register_metrics_port, "register_"
        ),
        "receive": _shows(settings, settings.receive_host, settings.receive_port, "receiver_"),
        "prometheus": prometheus.answers,
        "alertmanager": has_alertmanager,
        GRAFANA: page(f"http://127.0.0.1:{settings.grafana_port}/api/health") is not None,
    }
    return Facts(
        now=now,
        today=now.astimezone(book.tz).date(),
        folder=context.folder,
        areas=tuple(area.code for area in book.area),
        closed=book.port.closed,
        kafka=settings.kafka,
        kafka_answers=answers,
        terminals=inside.look("books", inside.terminals) if answers else None,
        in_effect=inside.look("targets", inside.targets) if answers else None,
        wanted=wanted,
        topics=inside.look("topics", inside.topics) if answers else None,
        clock_ahead_seconds=inside.look("clock", inside.clock) if answers else None,
        letters=inside.look("dead letters", inside.letters) if answers else None,
        worker=worker,
        prometheus=prometheus,
        alertmanager=alertmanager if has_alertmanager else None,
        free_bytes=free_bytes(context.folder),
        ports_taken=tuple(_taken(settings, context.folder, at_work)),
        other_versions=tuple(_other_versions()),
        books_of_before=_books_of_before(context.folder),
        backup=_backup(backups or _unit_backups() or _noted_backups(context.folder)),
        not_seen=tuple(inside.not_seen),
    )


def _worker(settings: Settings) -> WorkerFound:
    address = _addresses(settings)
    exposition = live_exposition(settings)
    if exposition is None:
        return WorkerFound(address, answers=False)
    return WorkerFound(address, answers=True, lag_events=lag(exposition))


def _addresses(settings: Settings) -> str:
    scheme = settings.http_access.scheme
    return ", ".join(f"{scheme}://{one}/metrics" for one in worker_addresses(settings))


def _shows(settings: Settings, host: str, port: int, series: str) -> bool:
    """Return whether /metrics on a port has series of ours."""
    try:
        return f"\n{series}" in (ask(settings.http_access, f"{host}:{port}", "/metrics") or "")
    except (AccessRefused, Misconfigured):  # as for the worker, of which it is told
        return False


def _prometheus(settings: Settings, now: float) -> PrometheusFound:
    server = Prometheus(settings.prometheus)
    if page(f"{server.url}/-/ready") is None:
        return PrometheusFound(server.url, answers=False)
    flags = server.flags
    return PrometheusFound(
        server.url,
        answers=True,
        version=server.version,
        scrapes=any(up == 1 for _, up in server.labelled_values('up{job="quaymark"}', now)),
        kept_for=flags["storage.tsdb.retention.time"],
        keeps_years=server.keeps_years(),
    )


def _taken(settings: Settings, folder: Path, at_work: dict[str, bool]) -> Iterator[PortClaim]:
    """Yield the ports on which something listens that is not what belongs there.

    While a stack starts in the folder, its own children listen before they answer.
    """
    if folder.exists() and lock.holder(folder) is not None:
        return
    for claim in port_claims(settings):
        if not at_work.get(claim.child, False) and listens(claim.host, claim.port):
            yield claim


def _other_versions() -> Iterator[OtherVersion]:
    """Yield the libraries that are pinned exactly, as we use their private names, and differ."""
    for line in metadata.requires(PACKAGE) or ():
        library, pinned, needed = line.partition(";")[0].strip().partition("==")
        if not pinned:
            continue
        installed = metadata.version(library.partition("[")[0])
        if installed != needed:
            yield OtherVersion(library, needed, installed)


def _books_of_before(folder: Path) -> tuple[str, ...]:
    """Return the changes of the books' form that the release which ran here last did not know."""
    notes = read_notes(folder)
    if not notes:
        return ()
    return tuple(
        change.id
        for _, change in own_changes()
        if change.kind is ChangeKind.LEDGER and change.id not in notes[-1].changes
    )


def _backup(folder: Path | None) -> BackupFound | None:
    if folder is None:
        return None
    manifest = read_manifest(folder)
    return BackupFound(str(folder), manifest.made_at if manifest else None)


def _noted_backups(data: Path) -> Path | None:
    """Return the folder of the backup that was made last by hand."""
    noted = read_last_backup(data)
    return Path(noted.folder) if noted else None


def _unit_backups() -> Path | None:
    """Return the folder into which the service of this folder makes its backups."""
    for folder in UNIT_FOLDERS:
        for unit in sorted(folder.glob("*-backup.service")):
            lines = unit.read_text(encoding="utf-8", errors="replace").splitlines()
            if f"WorkingDirectory={Path.cwd()}" not in lines:
                continue
            for line in lines:
                if line.startswith("ExecStart="):
                    return Path(shlex.split(line.removeprefix("ExecStart="))[-1])
    return None
