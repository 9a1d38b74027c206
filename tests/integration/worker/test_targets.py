"""Targets through Kafka: set, changed and withdrawn while the worker runs on."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from contract.events import ContainerMoved
from contract.topics import MOVES, TARGETS
from contract.wire import partition_of
from tests.integration.support.known_moves import dead_letters, settled
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.workers import (
    HERE,
    PATIENCE_SECONDS,
    Running,
    as_records,
    becomes,
    move,
    recent,
    send,
    until,
    worker,
)

pytestmark = pytest.mark.kafka

Topics = Callable[..., None]

TEU = """\
[[target]]
owner = "tonghai"
target = "annual-teu"
name = { zh = "吞吐量", en = "TEU a year" }
measures = "port_throughput_ytd_teu"
period = "YEAR"
value = 10
"""
OVERDUE = """\
[[target]]
owner = "haimen"
target = "overdue"
name = { zh = "逾期节点", en = "Milestones overdue" }
measures = "project_milestones_overdue"
period = "YEAR"
direction = "at_most"
value = 3
"""


class Commands:
    """Runs `quaymark targets …` on one file, against one broker and worker."""

    def __init__(self, environ: dict[str, str], file: Path, year: int) -> None:
        self._environ, self._file, self._year = environ, file, year

    def write(self, text: str) -> None:
        self._file.write_text(text.replace("YEAR", str(self._year)), encoding="utf-8")

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "stack", "targets", *arguments],
            cwd=HERE,
            env=self._environ | {"QUAYMARK_TARGETS": str(self._file), "COLUMNS": "240"},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )


def shown(one: Running, series: str) -> dict[str, float]:
    """Target -> value of a series of the target family."""
    return {dict(labels)["target"]: value for labels, value in one.samples(series).items()}


def test_targets_are_set_changed_and_withdrawn_without_a_restart(
    broker: RunningBroker, topics: Topics, tmp_path: Path, environ: dict[str, str]
) -> None:
    topics()
    at, port = recent(), free_port()
    environ |= {"QUAYMARK_METRICS_PORT": str(port)}
    targets = Commands(environ, tmp_path / "goals.toml", at.year)
    targets.write(TEU + OVERDUE)
    key = f"tonghai|annual-teu|{at.year}"

    with worker(broker.bootstrap, tmp_path, port) as one:
        # four boxes of 20 ft are 4 TEU
        boxes: list[ContainerMoved] = [move(n, "THE", "22G1", at) for n in range(4)]
        send(broker.bootstrap, as_records(boxes))

        dry = targets("apply", "--dry-run")
        assert (dry.returncode, dry.stdout.count("new ")) == (0, 2), dry
        assert targets("diff").returncode == 1
        applied = targets("apply", "--by", "anna")
        assert applied.returncode == 0, applied
        assert "2 sent; 2 targets" in applied.stdout
        becomes(
            "both are shown",
            lambda: shown(one, "target_goal_value"),
            {"annual-teu": 10.0, "overdue": 3.0},
        )
        becomes("it is measured", lambda: shown(one, "target_current_value")["annual-teu"], 4.0)
        set_at = shown(one, "target_changed_timestamp_seconds")

        again = targets("apply")
        assert "unchanged: 2 targets" in again.stdout
        assert targets("diff").returncode == 0

        targets.write(TEU.replace("value = 10", "value = 4") + OVERDUE)
        assert "value: 10 -> 4" in targets("apply", "--by", "ben").stdout
        becomes("the goal follows", lambda: shown(one, "target_goal_value")["annual-teu"], 4.0)
        becomes("so does the port's plan", lambda: plan(one), {4.0})
        assert shown(one, "target_status_code")["annual-teu"] == 0
        hour = at.replace(minute=0, second=0).timestamp() + 3600
        assert shown(one, "target_attained_timestamp_seconds")["annual-teu"] == hour
        changed = shown(one, "target_changed_timestamp_seconds")
        assert changed["annual-teu"] > set_at["annual-teu"]
        assert changed["overdue"] == set_at["overdue"]

        targets.write(TEU.replace("ytd_teu", "ytd_tue") + OVERDUE.replace("= 3", "= -3"))
        refused = targets("apply")
        assert refused.returncode == 2
        assert "goals.toml:5: 'port_throughput_ytd_tue' is no KPI" in refused.stderr
        assert "did you mean port_throughput_ytd_teu?" in refused.stderr
        assert "goals.toml:15: value is -3" in refused.stderr

        targets.write(OVERDUE)
        assert f"withdrawn  {key}" in targets("apply").stdout
        becomes("it is gone", lambda: set(shown(one, "target_goal_value")), {"overdue"})
        becomes("and so is the port's plan", lambda: plan(one), set[float]())
        rows = json.loads(targets("show", "--json").stdout)
        assert [(row["target"], row["goal"]) for row in rows] == [
            ("Milestones overdue", "≤ 3 count")
        ]
        trail = targets("show", "--history").stdout
        assert [line.split()[1] for line in trail.splitlines() if key in line][:2] == [
            "anna",
            "ben",
        ]
        assert "withdrawn" in trail
        assert one.stop() == 0
    other = tmp_path / "other"
    other.mkdir()
    with worker(broker.bootstrap, tmp_path, port) as next_one:
        becomes("it survives", lambda: shown(next_one, "target_goal_value"), {"overdue": 3.0})
        targets.write(TEU + OVERDUE)
        assert "new " in targets("apply").stdout
        with worker(broker.bootstrap, other, free_port()) as second:
            until("both hold a part", lambda: settled(next_one, second))
            both = [
                set(shown(worker_, "target_goal_value").items()) for worker_ in (next_one, second)
            ]
            assert sorted(both[0] | both[1]) == [("annual-teu", 10.0), ("overdue", 3.0)]
            assert not both[0] & both[1]  # each series has one owner


def plan(one: Running) -> set[float]:
    """Return the goals of the port's years."""
    return set(one.samples("port_throughput_target_teu").values())


def test_a_target_on_nothing_is_set_aside_with_its_reason(
    broker: RunningBroker, topics: Topics, tmp_path: Path, environ: dict[str, str]
) -> None:
    topics()
    targets = Commands(environ, tmp_path / "goals.toml", recent().year)
    targets.write(TEU)
    assert targets("apply").returncode == 0
    wrong = {
        "type": "port.target.set.v1",
        "specversion": "1.0",
        "id": "wrong",
        "source": "/somebody",
        "time": "2026-01-05T00:00:00Z",
        "recordedtime": "2026-01-05T00:00:00Z",
        "data": {
            "owner": "haimen",
            "target": "t",
            "name": {"zh": "甲", "en": "A"},
            "measures": "project_signed_project",
            "period": "2026",
            "value": 3,
        },
    }

    with worker(broker.bootstrap, tmp_path, free_port()) as one:
        key = b"haimen|t|2026"
        place = partition_of(key, TARGETS.partitions)
        send(broker.bootstrap, [(key, json.dumps(wrong).encode(), place)], TARGETS.name)

        (dead_letter,) = dead_letters(broker.bootstrap, 1)
        assert dead_letter.reason == "unknown_code"
        assert "did you mean project_signed_projects?" in dead_letter.error
        becomes(
            "the other is shown", lambda: shown(one, "target_goal_value"), {"annual-teu": 10.0}
        )
        assert one.stop() == 0


def test_a_target_dated_ahead_is_set_aside_and_shuts_out_no_later_change(
    broker: RunningBroker, topics: Topics, tmp_path: Path, environ: dict[str, str]
) -> None:
    topics()
    targets = Commands(environ, tmp_path / "goals.toml", recent().year)
    targets.write(TEU)
    assert targets("apply").returncode == 0
    key = f"tonghai|annual-teu|{recent().year}"
    place = partition_of(key.encode(), TARGETS.partitions)
    ahead = {
        "type": "port.target.set.v1",
        "specversion": "1.0",
        "id": "ahead",
        "source": "/somebody",
        "time": "2026-01-05T00:00:00Z",
        "recordedtime": "2999-01-05T00:00:00Z",
        "data": {
            "owner": "tonghai",
            "target": "annual-teu",
            "name": {"zh": "甲", "en": "A"},
            "measures": "port_throughput_ytd_teu",
            "period": str(recent().year),
            "value": 3,
        },
    }

    with worker(broker.bootstrap, tmp_path, free_port()) as one:
        send(broker.bootstrap, [(key.encode(), json.dumps(ahead).encode(), place)], TARGETS.name)

        (dead_letter,) = dead_letters(broker.bootstrap, 1)
        assert dead_letter.reason == "future_time"
        assert "$.recordedtime: 2999-01-05" in dead_letter.error
        becomes(
            "the other is shown", lambda: shown(one, "target_goal_value"), {"annual-teu": 10.0}
        )
        assert targets("diff").returncode == 0  # diff does not take it for the current target
        targets.write(TEU.replace("value = 10", "value = 20"))
        assert targets("apply").returncode == 0
        becomes("a change counts", lambda: shown(one, "target_goal_value"), {"annual-teu": 20.0})
        assert one.stop() == 0


def test_without_the_topic_it_is_said_how_to_make_it(
    broker: RunningBroker, topics: Topics, tmp_path: Path, environ: dict[str, str]
) -> None:
    topics(MOVES)
    targets = Commands(environ, tmp_path / "goals.toml", recent().year)
    targets.write(TEU)

    for verb in ("apply", "diff", "show"):
        done = targets(verb)
        assert done.returncode == 1, done
        assert "`quaymark topics`" in done.stderr, done
        assert "Traceback" not in done.stderr
