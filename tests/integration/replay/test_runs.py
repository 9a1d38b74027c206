"""A paced run: Prometheus sees its label; it is paused, killed and continued."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from contract.topics import MOVES
from dashboards.queries import workers
from dashboards.queries.promql import RUN
from kpis.pipeline import EVENTS, FORECAST, READY
from rules.config_files import Site, render
from rules.pipeline_alerts import PIPELINE_ALERTS
from tests.integration.support.commands import run
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.scraping import query, running
from tests.integration.support.workers import HERE, until

pytestmark = pytest.mark.kafka

Topics = Callable[..., None]
DAYS = ("--since", "2019-02-01", "--until", "2019-02-03", "--no-live")
STILL_LOOKS = 20
YEAR_TO_DATE = "port_throughput_ytd_teu"
OF_THE_PIPELINE = "|".join(alert.name for alert in PIPELINE_ALERTS)


def listed(environ: dict[str, str], name: str) -> str:
    lines = run(environ, "runs", "list").stdout.splitlines()
    return next((line for line in lines if line.strip().startswith(name)), "")


def booked(folder: Path, name: str) -> set[str]:
    lines = (folder / "runs" / name / "figures.txt").read_text("utf-8").splitlines()
    return {line for line in lines if line.startswith(YEAR_TO_DATE)}


def moves_read(url: str, name: str) -> float:
    """Return how many moves of a run its worker has read, according to Prometheus."""
    return query(url, f"{EVENTS.series}{{run='{name}',topic='{MOVES.name}'}}").get("", 0.0)


def is_stable(url: str, name: str) -> Callable[[], bool]:
    """Return a check that this number was equal for several polls, 0.2 s apart, hence scrapes."""
    counts: list[float] = []

    def looked() -> bool:
        counts.append(moves_read(url, name))
        return len(counts) > STILL_LOOKS and len(set(counts[-STILL_LOOKS:])) == 1

    return looked


def test_a_run_is_seen_by_its_label_rests_and_goes_on_after_it_was_killed(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    sent = run(environ, "simulate", *DAYS, room="producers")
    assert sent.returncode == 0, sent.stderr
    for path, text in render(Site("local", worker_port=free_port(), at_once=True)).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    line = (sys.executable, "-m", "stack", "replay", "--run", "slow")

    with running(tmp_path, tmp_path / "prometheus/prometheus.yml") as url:
        # three days at 5,000 take 52 s
        slow = subprocess.Popen([*line, "--speed", "5000"], cwd=HERE, env=environ)
        try:
            by_run = f'{YEAR_TO_DATE}{{run="slow"}}'
            until("Prometheus shows the run", lambda: query(url, by_run, by="terminal"))
            assert query(url, f'{YEAR_TO_DATE}{{run=""}}') == {}
            for meter in (
                EVENTS,
                READY,
                FORECAST,
            ):  # no sample of a run can be taken for a live one
                assert query(url, f"{meter.series}{{run='slow'}}", by="job") != {}
                assert query(url, meter.live()) == {}
            for chosen, topics_shown in (
                ("slow", True),
                ("^$", False),
            ):  # as on the Pipeline board
                asked = workers.lag().replace(f"${RUN}", chosen)
                assert bool(query(url, asked, by="topic")) is topics_shown
            alerting = query(url, f"ALERTS{{alertname=~'{OF_THE_PIPELINE}'}}", by="alertname")
            assert set(alerting) <= {
                "NoEventsAtAll",
                "WorkerAbsent",
            }  # correct: no live worker runs
            assert query(url, 'up{job="quaymark"}').get("", 0.0) == 0.0  # no live worker runs
            until("it runs", lambda: "running" in listed(environ, "slow"))
            assert run(environ, "runs", "pause", "slow").returncode == 0
            assert "paused" in listed(environ, "slow")
            until("it rests", is_stable(url, "slow"))
            at_rest = moves_read(url, "slow")
            assert run(environ, "runs", "resume", "slow").returncode == 0
            until("it goes on", lambda: moves_read(url, "slow") > at_rest)
            again = run(environ, "replay", "--run", "slow")
            assert again.returncode == 2
            assert "is running" in again.stderr
        finally:
            slow.kill()
            slow.wait()
        until("its processes are gone", lambda: "stopped" in listed(environ, "slow"))

    rest = run(environ, "replay", "--run", "slow", "--end")
    whole = run(environ, "replay", "--run", "whole", "--end")

    assert rest.returncode == 0, rest.stderr
    assert whole.returncode == 0, whole.stderr
    assert booked(tmp_path, "slow") == booked(tmp_path, "whole")
    assert len(booked(tmp_path, "whole")) == 3
