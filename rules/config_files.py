"""The files that Prometheus and Alertmanager read at one site: relative path -> text."""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec
import yaml
from msgspec import Struct
from msgspec.structs import replace

from contract.alerting import WEB, Alerting
from contract.http.access import HttpAccess
from kpis.catalogue import CATALOGUE
from kpis.inbox import INBOX_JOB
from kpis.pipeline import INSTANCE, JOB, RUN_JOB
from kpis.receiver import RECEIVER_JOB
from kpis.register import REGISTER_JOB
from kpis.reporting import REPORTS_JOB
from rules.alert import Links
from rules.alerts import ALERTS, GROUP
from rules.message_templates import templates
from rules.recording import groups
from rules.routing import Bridge, Secrets, routing
from rules.tls_config import scrape_access, tls_config

INTERVAL = "15s"
TEMPLATES = "templates/quaymark.tmpl"
"""The templates of messages, beside alertmanager.yml."""
ALERTMANAGER = "alertmanager/alertmanager.yml"
"""The file that may contain secrets."""
HEAD = "# Rendered by `quaymark render`; change rules/ and render again.\n"
WORKERS = "targets/workers.json"
"""The file with the workers of a local site, beside prometheus.yml; it may change at any time."""
RUNS = "targets/runs"
"""The folder with a file for each replay run, which lists the run's workers while it runs."""

KPI_SERIES = f"({'|'.join(sorted({family.name for family in CATALOGUE}))})_.+"
"""The names of KPI series, as a regular expression."""

_OWNED = {
    "source_labels": ["__name__"],
    "regex": KPI_SERIES,
    "target_label": "instance",
    "replacement": INSTANCE,
}
"""The instance of KPI series is always the same, so that they continue when a worker changes."""


class Site(Struct, frozen=True):
    """The addresses of one installation.

    A local site has its workers in a file that may change at any time.  In compose they are the
    addresses behind the name of the service, so that it scales without a change of configuration.
    """

    kind: Literal["local", "compose"]
    worker_host: str = "127.0.0.1"
    worker_port: int = 6066
    inbox: str = "127.0.0.1:6068"
    """The address at which the inbox answers /metrics."""
    prometheus: str = "127.0.0.1:9090"
    alertmanager: str = "127.0.0.1:9093"
    grafana: str = "http://127.0.0.1:3000"
    web: str = WEB
    """The address of the web page, as it is opened on this machine."""
    reports: str = ""
    """The address of /metrics of the process that issues reports; empty where none runs."""
    register: str = ""
    """The address of /metrics of the process that keeps the register; empty where none runs."""
    receiver: str = ""
    """The address of the HTTP receiver's /metrics; empty where none runs."""
    access: HttpAccess = HttpAccess()
    """How our own servers are asked; the paths are absolute."""
    alerting: Alerting = Alerting()
    """The receivers of alerts; without receivers Alertmanager only shows alerts."""
    secrets: Secrets = {}
    runs: str = RUNS
    """The folder of the replay runs' files: beside prometheus.yml, or an absolute path."""
    boards: tuple[str, ...] = ("port", "projects", "targets", "pipeline")
    """The boards that this site has; alerts on what none of them shows are left out."""
    at_once: bool = False
    """For tests: Prometheus scrapes and evaluates every second, and alerts fire at once."""

    @property
    def links(self) -> Links:
        """The addresses at which people open what an alert leads to."""
        return Links(
            self.alerting.grafana or self.grafana,
            self.alerting.runbook,
            self.alerting.reports or self.web,
        )


COMPOSE = Site(
    "compose",
    worker_host="worker",
    inbox="inbox:6068",
    receiver="receive:6069",
    reports="report:6067",
    register="register:6070",
    prometheus="localhost:9090",
    alertmanager="alertmanager:9093",
    runs=f"/var/lib/quaymark/prometheus/{RUNS}",
)
"""The site of docker-compose.yml, where services reach each other by name."""

KUBERNETES = Site(
    "compose",
    worker_host="quaymark-worker",
    inbox="quaymark-inbox:6068",
    receiver="quaymark-receive:6069",
    reports="quaymark-reports:6067",
    register="quaymark-register:6070",
    prometheus="localhost:9090",
    alertmanager="alertmanager-operated.monitoring:9093",
)
"""The site of deploy/kubernetes, by the names of its services; Alertmanager is the cluster's."""


_MOUNTED = "/etc/quaymark/http"
CERTIFICATES = HttpAccess(
    tls_cert_file=f"{_MOUNTED}/tls.crt",
    tls_key_file=f"{_MOUNTED}/tls.key",
    client_ca_file=f"{_MOUNTED}/ca.crt",
    ca_file=f"{_MOUNTED}/ca.crt",
    client_cert_file=f"{_MOUNTED}/tls.crt",
    client_key_file=f"{_MOUNTED}/tls.key",
    server_name="quaymark",
)
"""One certificate for all servers of a site, which those who ask them show as well.

docker-compose.tls.yml and deploy/kubernetes/components/http-tls mount it there.
"""
BY_TLS = "prometheus/prometheus-tls.yml"
"""The configuration of a Prometheus that asks servers with those certificates."""


def by_tls(site: Site) -> str:
    """Return the text of `BY_TLS` for a site."""
    return _yaml(_prometheus(replace(site, access=CERTIFICATES)))


def render(site: Site) -> dict[str, str]:
    """Return every file of a site: path under deploy/ (or the local folder) -> text."""
    files = {
        "prometheus/prometheus.yml": _yaml(_prometheus(site)),
        "prometheus/rules/kpis.yml": _yaml({"groups": _recorded()}),
        "prometheus/rules/alerts.yml": _yaml({"groups": [_alerts(site)]}),
        ALERTMANAGER: _yaml(_routing(site)),
        f"alertmanager/{TEMPLATES}": templates(),
    }
    if site.kind == "local":
        files[f"prometheus/{WORKERS}"] = workers(f"{site.worker_host}:{site.worker_port}")
    return files


def rule_groups(site: Site) -> list[dict[str, Any]]:
    """Return the groups of recording rules, then the group of alerts."""
    return [*_recorded(), _alerts(site)]


def workers(*addresses: str) -> str:
    """Return the file with the workers of a local site."""
    return msgspec.json.format(msgspec.json.encode([{"targets": addresses}])).decode() + "\n"


def run_targets(run: str) -> str:
    """Return the path of the file with a run's workers, beside prometheus.yml."""
    return f"{RUNS}/{run}.json"


def _routing(site: Site) -> dict[str, Any]:
    bridge = Bridge(f"{site.access.scheme}://{site.reports}", tls_config(site.access))
    return routing(site.alerting, site.secrets, TEMPLATES, bridge, at_once=site.at_once)


def _recorded() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = msgspec.to_builtins(groups(CATALOGUE))
    return found


def _alerts(site: Site) -> dict[str, Any]:
    rules = [
        alert.rule(site.links, at_once=site.at_once)
        for alert in ALERTS
        if alert.board in site.boards
    ]
    return {"name": GROUP, "rules": rules}


def _prometheus(site: Site) -> dict[str, Any]:
    found: dict[str, Any]
    interval = "1s" if site.at_once else INTERVAL
    if site.kind == "local":
        found = {"file_sd_configs": [{"files": [WORKERS], "refresh_interval": interval}]}
    else:
        names = {"names": [site.worker_host], "type": "A", "port": site.worker_port}
        found = {"dns_sd_configs": [{**names, "refresh_interval": interval}]}
    return {
        "global": {"scrape_interval": interval, "evaluation_interval": interval},
        "rule_files": ["rules/*.yml"],
        "alerting": {
            "alert_relabel_configs": [_DROP_RUNS],
            "alertmanagers": [{"static_configs": [{"targets": [site.alertmanager]}]}],
        },
        "scrape_configs": [
            *({**job, **scrape_access(site.access)} for job in _own_jobs(site, found)),
            {"job_name": "prometheus", "static_configs": [{"targets": [site.prometheus]}]},
            {"job_name": "alertmanager", "static_configs": [{"targets": [site.alertmanager]}]},
        ],
    }


def _own_jobs(site: Site, workers: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"job_name": JOB, **workers, "metric_relabel_configs": [_OWNED]}
    yield _runs(site)
    yield _static(INBOX_JOB, site.inbox)
    if site.reports:
        yield _perhaps(REPORTS_JOB, site.reports, site)
    if site.register:
        yield _perhaps(REGISTER_JOB, site.register, site)
    if site.receiver:
        yield _perhaps(RECEIVER_JOB, site.receiver, site)


def _static(job: str, address: str) -> dict[str, Any]:
    return {"job_name": job, "static_configs": [{"targets": [address]}]}


def _perhaps(job: str, address: str, site: Site) -> dict[str, Any]:
    """Return the scrape configuration of a service that may be off; then its name is unknown."""
    if site.kind == "local":
        return _static(job, address)
    host, _, port = address.rpartition(":")
    names = {"names": [host], "type": "A", "port": int(port), "refresh_interval": INTERVAL}
    return {"job_name": job, "dns_sd_configs": [names]}


def _runs(site: Site) -> dict[str, Any]:
    """Return the scrape configuration of the runs' workers; their files add the labels."""
    found = {"files": [f"{site.runs}/*.json"], "refresh_interval": "5s"}
    return {"job_name": RUN_JOB, "file_sd_configs": [found], "metric_relabel_configs": [_OWNED]}


_DROP_RUNS = {"source_labels": ["run", "drill"], "regex": ".+;", "action": "drop"}
"""The alerts of a run are dropped, unless the run is marked as a drill."""


class PlainYaml(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # both fit
    """YAML without anchors: a value that occurs twice is written twice.

    libyaml writes it, ten times as quick, where PyYAML was built with it.
    """

    def ignore_aliases(self, data: Any) -> bool:
        """Return True for every value."""
        return True


def _yaml(value: dict[str, Any]) -> str:
    return HEAD + yaml.dump(
        value, None, PlainYaml, sort_keys=False, allow_unicode=True, width=10_000
    )
