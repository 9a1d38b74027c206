"""What Prometheus and its operator read: the configuration, PrometheusRule and PodMonitor."""

from collections.abc import Iterator
from typing import Any

from kpis.inbox import INBOX_JOB
from kpis.pipeline import INSTANCE, JOB
from kpis.receiver import RECEIVER_JOB
from kpis.register import REGISTER_JOB
from kpis.reporting import REPORTS_JOB
from rules.config_files import BY_TLS, KPI_SERIES, Site, by_tls, render, rule_groups
from stack.kubernetes.kubernetes_object import Manifest, manifest

__all__ = ["pod_monitors", "prometheus_files", "rules"]

API = "monitoring.coreos.com/v1"
OPERATORS_LABELS = ("pod", "container", "endpoint", "namespace")
"""Labels that the operator adds; a KPI's line would break with each pod if it kept them."""


def prometheus_files(site: Site) -> dict[str, str]:
    """Return the files of a Prometheus of the port's own: path -> text."""
    folder = "prometheus/"
    return {
        path.removeprefix(folder): text
        for path, text in {**render(site), BY_TLS: by_tls(site)}.items()
        if path.startswith(folder)
    }


def rules(site: Site) -> Manifest:
    """Return the recording rules and alerts for the Prometheus of the cluster."""
    spec = {"groups": rule_groups(site)}
    return manifest(API, "PrometheusRule", "quaymark", {"spec": spec})


def pod_monitors() -> Iterator[Manifest]:
    """Yield what the Prometheus of the cluster scrapes: the workers, and what else is there."""
    yield _pod_monitor("worker", JOB, [_instance(), *map(_without, OPERATORS_LABELS)])
    yield _pod_monitor("inbox", INBOX_JOB, [])
    yield _pod_monitor("receive", RECEIVER_JOB, [])
    yield _pod_monitor("reports", REPORTS_JOB, [])
    yield _pod_monitor("register", REGISTER_JOB, [])


def _pod_monitor(component: str, job: str, mended: list[dict[str, Any]]) -> Manifest:
    endpoint: dict[str, Any] = {
        "port": "metrics",
        "interval": "15s",
        "relabelings": [{"targetLabel": "job", "replacement": job}],
    }
    if mended:
        endpoint["metricRelabelings"] = mended
    labels = {"app.kubernetes.io/name": "quaymark", "app.kubernetes.io/component": component}
    spec = {"selector": {"matchLabels": labels}, "podMetricsEndpoints": [endpoint]}
    return manifest(API, "PodMonitor", f"quaymark-{component}", {"spec": spec})


def _instance() -> dict[str, Any]:
    return _of_kpis("instance", INSTANCE)


def _without(label: str) -> dict[str, Any]:
    return _of_kpis(label, "")


def _of_kpis(label: str, value: str) -> dict[str, Any]:
    return {
        "sourceLabels": ["__name__"],
        "regex": KPI_SERIES,
        "targetLabel": label,
        "replacement": value,
    }
