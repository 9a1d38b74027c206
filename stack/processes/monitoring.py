"""Prometheus and Alertmanager as children: which are installed, and their options."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from contract.settings import Settings
from rules.config_files import RUNS
from stack.processes import grafana_server
from stack.processes.child import Program
from stack.processes.grafana_archive import NO_GRAFANA
from stack.processes.tcp_ports import PortClaim

PROMETHEUS = ("prometheus",)
PROMTOOL = ("promtool",)
ALERTMANAGER = ("prometheus-alertmanager", "alertmanager")  # Debian's name, upstream's name
GRAFANA = ("grafana", "grafana-server")

HOW_TO_GET = {
    "prometheus": "Prometheus is not installed, so no figures are stored over time: "
    "apt-get install prometheus, or a release of prometheus.io on PATH",
    "alertmanager": "Alertmanager is not installed, so alerts reach nobody: "
    "apt-get install prometheus-alertmanager, or a release of prometheus.io on PATH",
}


def found(names: tuple[str, ...]) -> str | None:
    """Return the path of the first of these programs that is installed; None without any."""
    return next((path for name in names if (path := shutil.which(name))), None)


def port_claims(settings: Settings) -> tuple[PortClaim, ...]:
    """Return the ports of the servers that are installed."""
    wanted = (
        (PROMETHEUS, settings.prometheus_port, "prometheus", "QUAYMARK_PROMETHEUS_PORT"),
        (ALERTMANAGER, settings.alertmanager_port, "alertmanager", "QUAYMARK_ALERTMANAGER_PORT"),
        (GRAFANA, settings.grafana_port, "grafana", "QUAYMARK_GRAFANA_PORT"),
    )
    return tuple(
        PortClaim(port, child, setting) for names, port, child, setting in wanted if found(names)
    )


def programs(
    settings: Settings, folder: Path, environ: Mapping[str, str]
) -> Iterator[Program | str]:
    """Yield each server to start, with its files in `folder`, or how to get a missing one."""
    if program := found(PROMETHEUS):
        config, data = folder / "prometheus/prometheus.yml", folder / "data/prometheus"
        # without the folder of the runs' workers Prometheus logs a warning every 5 s
        (config.parent / RUNS).mkdir(parents=True, exist_ok=True)
        yield prometheus(program, config, data, settings.prometheus_port)
    else:
        yield HOW_TO_GET["prometheus"]
    if program := found(ALERTMANAGER):
        config, data = folder / "alertmanager/alertmanager.yml", folder / "data/alertmanager"
        yield alertmanager(program, config, data, settings.alertmanager_port)
    else:
        yield HOW_TO_GET["alertmanager"]
    if not environ.get(NO_GRAFANA):
        yield grafana_server.program(found(GRAFANA), settings, folder, environ)


def prometheus(program: str, config: Path, data: Path, port: int) -> Program:
    """Return Prometheus on loopback; it keeps samples for 100 years, those of past years too."""
    command = (
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={data}",
        "--storage.tsdb.retention.time=100y",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.enable-lifecycle",
        "--web.enable-admin-api",  # `history` deletes samples where its blocks were merged
    )
    return Program("prometheus", command)


def alertmanager(program: str, config: Path, data: Path, port: int) -> Program:
    """Return Alertmanager on loopback, without a cluster."""
    command = (
        program,
        f"--config.file={config}",
        f"--storage.path={data}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    )
    return Program("alertmanager", command)
