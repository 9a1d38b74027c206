"""Checks of the machine: disk, ports, versions, worker, Prometheus, Alertmanager and backups."""

from collections.abc import Iterator
from datetime import timedelta

from rules.pipeline_alerts import BACKUP_SECONDS
from stack.backfill.prometheus_api import LEAST_VERSION
from stack.doctor.facts import Facts
from stack.doctor.finding import PortFinding, Severity
from stack.processes.supervisor import LOW_BYTES, NEEDED_BYTES

BACKUP_AGE = timedelta(seconds=BACKUP_SECONDS)
LAG_EVENTS = 10_000  # a second of the worker's time; behind that, figures are old
UP = "quaymark up, or quaymark service install"


def disk(facts: Facts) -> Iterator[PortFinding]:
    """Yield that the disk is nearly full."""
    free = facts.free_bytes
    if free is not None and free < NEEDED_BYTES:
        yield PortFinding(
            Severity.ERROR if free < LOW_BYTES else Severity.WARNING,
            "disk",
            str(facts.folder),
            f"{free / 1e9:.1f} GB are free, a year of events takes {NEEDED_BYTES / 1e9:.1f} GB",
            "make room, or move the folder and set QUAYMARK_FOLDER",
        )


def ports(facts: Facts) -> Iterator[PortFinding]:
    """Yield the ports that another program uses."""
    for claim in facts.ports_taken:
        yield PortFinding(
            Severity.ERROR,
            "port_taken",
            f"port {claim.port}",
            f"another program listens there, so {claim.child} can't start",
            f"stop that program (ss -ltnp sport = :{claim.port}), or change {claim.setting}",
        )


def versions(facts: Facts) -> Iterator[PortFinding]:
    """Yield what is installed in a version that this release does not go with."""
    for one in facts.other_versions:
        yield PortFinding(
            Severity.ERROR,
            "version",
            one.library,
            f"{one.installed} is installed, this release needs {one.needed}",
            "make .venv/.runtime",
        )
    if facts.books_of_before:
        yield PortFinding(
            Severity.ERROR,
            "changelog_version",
            str(facts.folder),
            "the books were written by another release: " + ", ".join(facts.books_of_before),
            "quaymark upgrade --check, then quaymark books rebuild",
        )


def worker(facts: Facts) -> Iterator[PortFinding]:
    """Yield that no worker answers, or that it is far behind."""
    one = facts.worker
    if one is None:
        return
    if not one.answers:
        yield PortFinding(
            Severity.ERROR,
            "worker_absent",
            one.address,
            "no worker answers: events are kept and not counted",
            f"{UP}; quaymark status",
        )
    elif (one.lag_events or 0) > LAG_EVENTS:
        yield PortFinding(
            Severity.WARNING,
            "worker_behind",
            one.address,
            f"the worker is {one.lag_events:,} events behind: the boards show less than came",
            "quaymark status --watch, until it has caught up",
        )


def prometheus(facts: Facts) -> Iterator[PortFinding]:
    """Yield that Prometheus is absent, old, forgetful, or does not scrape the worker."""
    one = facts.prometheus
    if one is None:
        return
    if not one.answers:
        yield PortFinding(
            Severity.ERROR,
            "prometheus_absent",
            one.url,
            "no Prometheus answers: the boards are empty and no alert fires",
            f"{UP}; apt-get install prometheus if it is not there",
        )
        return
    if not one.scrapes:
        yield PortFinding(
            Severity.ERROR,
            "prometheus_not_scraping",
            one.url,
            "Prometheus reads no worker: the boards stand still",
            "quaymark up writes its configuration; elsewhere use deploy/prometheus",
        )
    if one.version < LEAST_VERSION:
        yield PortFinding(
            Severity.WARNING,
            "version",
            one.url,
            f"Prometheus {'.'.join(map(str, one.version))} can't take in past years, "
            f"{'.'.join(map(str, LEAST_VERSION))} or newer can",
            "apt-get install prometheus, or a release of prometheus.io",
        )
    if not one.keeps_years:
        yield PortFinding(
            Severity.ERROR,
            "prometheus_retention",
            one.url,
            f"Prometheus keeps samples for {one.kept_for or 'a limited size'}: past years and "
            "comparisons are deleted",
            "start it with --storage.tsdb.retention.time=100y, as quaymark up does",
        )


def alertmanager(facts: Facts) -> Iterator[PortFinding]:
    """Yield that no Alertmanager answers."""
    if facts.alertmanager is None:
        yield PortFinding(
            Severity.WARNING,
            "alertmanager_absent",
            "QUAYMARK_ALERTMANAGER_PORT",
            "no Alertmanager answers: alerts fire and reach nobody",
            f"{UP}; then quaymark alerts test",
        )


def backup(facts: Facts) -> Iterator[PortFinding]:
    """Yield that there is no backup, or an old one."""
    make = "quaymark backup DIR; every night: quaymark service install --backup DIR"
    if facts.backup is None:
        yield PortFinding(
            Severity.NOTE,
            "backup_missing",
            str(facts.folder),
            "no backup is known: neither a service nor --backup names a folder",
            make,
        )
        return
    made, folder = facts.backup.made_at, facts.backup.folder
    if made is None:
        yield PortFinding(
            Severity.WARNING, "backup_missing", folder, "holds no whole backup", make
        )
    elif (age := facts.now - made) > BACKUP_AGE:
        yield PortFinding(
            Severity.WARNING,
            "backup_old",
            folder,
            f"the newest backup is {age.total_seconds() / 86_400:.0f} days old ({made:%Y-%m-%d})",
            f"quaymark backup {folder}; quaymark service status says why none came",
        )
