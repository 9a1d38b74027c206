"""The files that Prometheus and Alertmanager read, for one site: relative path -> text."""

from typing import Any, Literal

import msgspec
import yaml
from msgspec import Struct

from contract.alerting import Alerting
from kpis.catalogue import CATALOGUE
from kpis.pipeline import INSTANCE, JOB, RUN_JOB
from rules.alert import Links
from rules.alerts import ALERTS, GROUP
from rules.message_templates import templates
from rules.recording import groups
from rules.routing import Secrets, routing

INTERVAL = "15s"
TEMPLATES = "templates/quaymark.tmpl"
"""The messages' templates, beside alertmanager.yml."""
ALERTMANAGER = "alertmanager/alertmanager.yml"
"""The file that may hold secrets."""
HEAD = "# Rendered by `quaymark render`; change rules/ and render again.\n"
WORKERS = "targets/workers.json"
"""Where a local site lists its workers, beside prometheus.yml; may change while all runs."""
RUNS = "targets/runs"
"""Where runs of replays list their workers: a file each, which comes and goes with the run."""

_OWNED = {
    "source_labels": ["__name__"],
    "regex": f"({'|'.join(sorted({family.name for family in CATALOGUE}))})_.+",
    "target_label": "instance",
    "replacement": INSTANCE,
}
"""A KPI has one owner: its series, and the history loaded before it, go on with another worker."""


class Site(Struct, frozen=True):
    """Where the parts of one installation listen.

    A local site has its workers in a file that may be rewritten while all runs; in compose they
    are the addresses behind the service's name, so that it scales without another word.
    """

    kind: Literal["local", "compose"]
    worker_host: str = "127.0.0.1"
    worker_port: int = 6066
    prometheus: str = "127.0.0.1:9090"
    alertmanager: str = "127.0.0.1:9093"
    grafana: str = "http://127.0.0.1:3000"
    alerting: Alerting = Alerting()
    """Who is told; with nobody in it Alertmanager only shows alerts."""
    secrets: Secrets = {}
    runs: str = RUNS
    """The folder where runs of replays list their workers: beside prometheus.yml, or from /."""
    at_once: bool = False
    """For trials: everything every second, and no alert waits."""

    @property
    def links(self) -> Links:
        """Where people open what an alert leads to."""
        return Links(self.alerting.grafana or self.grafana, self.alerting.runbook)


COMPOSE = Site(
    "compose",
    worker_host="worker",
    prometheus="localhost:9090",
    alertmanager="alertmanager:9093",
    runs=f"/var/lib/quaymark/prometheus/{RUNS}",
)
"""The site of docker-compose.yml, where parts know each other by their service's name."""


def render(site: Site) -> dict[str, str]:
    """Every file of a site: path under deploy/ (or the local folder) -> text."""
    files = {
        "prometheus/prometheus.yml": _yaml(_prometheus(site)),
        "prometheus/rules/kpis.yml": _yaml({"groups": msgspec.to_builtins(groups(CATALOGUE))}),
        "prometheus/rules/alerts.yml": _yaml({"groups": [_alerts(site)]}),
        ALERTMANAGER: _yaml(routing(site.alerting, site.secrets, TEMPLATES, at_once=site.at_once)),
        f"alertmanager/{TEMPLATES}": templates(),
    }
    if site.kind == "local":
        files[f"prometheus/{WORKERS}"] = workers(f"{site.worker_host}:{site.worker_port}")
    return files


def workers(*addresses: str) -> str:
    """The file of a local site's workers."""
    return msgspec.json.format(msgspec.json.encode([{"targets": addresses}])).decode() + "\n"


def run_targets(run: str) -> str:
    """The file of a run's workers, beside prometheus.yml."""
    return f"{RUNS}/{run}.json"


def _alerts(site: Site) -> dict[str, Any]:
    rules = [alert.rule(site.links, at_once=site.at_once) for alert in ALERTS]
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
            "alert_relabel_configs": [_NO_DRILL],
            "alertmanagers": [{"static_configs": [{"targets": [site.alertmanager]}]}],
        },
        "scrape_configs": [
            {"job_name": JOB, **found, "metric_relabel_configs": [_OWNED]},
            _runs(site),
            {"job_name": "prometheus", "static_configs": [{"targets": [site.prometheus]}]},
            {"job_name": "alertmanager", "static_configs": [{"targets": [site.alertmanager]}]},
        ],
    }


def _runs(site: Site) -> dict[str, Any]:
    """How the workers of runs are found; they label their series themselves, by their file."""
    found = {"files": [f"{site.runs}/*.json"], "refresh_interval": "5s"}
    return {"job_name": RUN_JOB, "file_sd_configs": [found], "metric_relabel_configs": [_OWNED]}


_NO_DRILL = {"source_labels": ["run", "drill"], "regex": ".+;", "action": "drop"}
"""A run's alerts reach nobody, unless it is marked as a drill."""


class _Plain(yaml.SafeDumper):
    """YAML without anchors: what is said in two places is written out in both."""

    def ignore_aliases(self, data: Any) -> bool:
        """Always."""
        return True


def _yaml(value: dict[str, Any]) -> str:
    return HEAD + yaml.dump(value, None, _Plain, sort_keys=False, allow_unicode=True, width=10_000)
