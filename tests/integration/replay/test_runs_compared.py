"""Comparison of runs: on one worker or two, with other targets, with or without alerts."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from broker.admin import partitions
from broker.connection import Connection
from tests.integration.support.alert_chain import watched
from tests.integration.support.commands import ok, run
from tests.integration.support.figures import WHAT_IF
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.scraping import query
from tests.integration.support.workers import HERE, PATIENCE_SECONDS, until

pytestmark = pytest.mark.kafka

Topics = Callable[..., None]
DAYS = ("--since", "2019-02-01", "--until", "2019-02-02", "--no-live")
RANGE = ("replay", "--to", "2019-02-02")


def simulated(environ: dict[str, str]) -> None:
    ok(run(environ, "simulate", *DAYS, room="producers"))
    ok(run(environ, "projects", room="producers"))
    ok(run(environ, "targets", room="producers"))


def kept(folder: Path, name: str) -> dict[str, str]:
    """Series -> value in a run's stored metrics, once all events were booked."""
    lines = (folder / "runs" / name / "figures.txt").read_text("utf-8").splitlines()
    pairs = [line.rpartition(" ")[::2] for line in lines]
    assert len(dict(pairs)) == len(pairs), "no series is shown by two workers"
    return dict(pairs)


def row(page: str, title: str) -> list[str]:
    """Return the columns of a row of a comparison; two or more spaces separate them."""
    [line] = [line for line in page.splitlines() if line.strip().startswith(title)]
    return [column.strip() for column in line.strip().split("  ") if column.strip()][1:]


def test_a_run_on_two_workers_shows_what_one_shows_and_is_compared_with_a_what_if(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    simulated(environ)
    what_if = tmp_path / "what-if.toml"
    what_if.write_text(WHAT_IF, "utf-8")

    ok(run(environ, *RANGE, "--run", "one", "--end"))
    said = ok(run(environ, *RANGE, "--run", "two", "--end", "--workers", "2"))
    ok(run(environ, *RANGE, "--run", "raised", "--end", "--targets", str(what_if)))
    compared = ok(run(environ, "runs", "compare", "one", "two", "raised"))

    assert len([word for word in said.split() if word.startswith("127.0.0.1:")]) == 2
    one = kept(tmp_path, "one")
    assert kept(tmp_path, "two") == one  # to the last hundredth, as of the same moment
    assert any(name.startswith("port_throughput_pace_ratio") for name in one)
    assert any(name.startswith("project_signed_projects") for name in one)
    assert row(compared, "target") == ["1,100,000 TEU", "1,100,000 TEU", "1,200,000 TEU"]
    assert len(set(row(compared, "handled"))) == 1

    listed = ok(run(environ, "runs", "list"))
    assert all(f"{name} " in listed for name in ("one", "two", "raised"))
    ok(run(environ, "runs", "drop", "one", "two", "raised"))
    assert "no runs" in ok(run(environ, "runs", "list"))
    assert [
        name for name in partitions(Connection(broker.bootstrap)) if name.startswith("run.")
    ] == []


def test_the_alerts_of_a_drill_are_sent_as_one_and_those_of_another_run_reach_nobody(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    """By hand: two days of about 3,000 TEU are under a tenth of 32 days at 1.2 million a year."""
    topics()
    simulated(environ)
    what_if = tmp_path / "what-if.toml"
    what_if.write_text(WHAT_IF, "utf-8")
    line = (sys.executable, "-m", "stack", *RANGE, "--targets", str(what_if))

    with watched(tmp_path, free_port()) as received:
        runs = [
            subprocess.Popen([*line, "--run", *options], cwd=HERE, env=environ)
            for options in (("drill", "--alerts"), ("quiet",))
        ]
        try:
            alert = until("the drill's alert arrives", lambda: received.of("TargetBehind"))
            address = f"http://127.0.0.1:{received.prometheus_port}"
            quiet = 'ALERTS{alertname="TargetBehind",run="quiet",alertstate="firing"}'
            until("the other run's is firing, too", lambda: query(address, quiet, by="run"))
            for one in runs:
                one.send_signal(signal.SIGINT)  # Ctrl-C
            codes = [one.wait(PATIENCE_SECONDS) for one in runs]
        finally:
            for one in runs:
                one.kill()
                one.wait()

    assert codes == [0, 0]
    assert (alert["labels"]["run"], alert["labels"]["drill"]) == ("drill", "yes")
    assert {a["labels"].get("run", "") for a in received.alerts} <= {"drill", ""}
