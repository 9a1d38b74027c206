"""Real events raise an alert; a webhook receives its message and its resolution."""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from contract.events import (
    Label,
    Milestone,
    MilestonePlanned,
    Money,
    Project,
    ProjectEvent,
    ProjectRegistered,
    Target,
    TargetSet,
)
from contract.topics import PROJECTS, TARGETS
from contract.wire import encode, event_key, partition_of
from tests.integration.support.alert_chain import watched
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

# 1,000 moves of 40 ft: 2,000 TEU; all of one year, three days ago.
MOVES = 1000
TEU = 2000.0


def target(value: int, year: int, recorded: datetime) -> TargetSet:
    return TargetSet(
        id=f"annual-teu-{value}",
        source="/targets",
        time=recorded,
        recordedtime=recorded,
        specversion="1.0",
        data=Target(
            owner="tonghai",
            target="annual-teu",
            name=Label("年吞吐量", "TEU a year"),
            measures="port_throughput_ytd_teu",
            period=str(year),
            value=Decimal(value),
        ),
    )


def late_project(days: int) -> tuple[ProjectEvent, ...]:
    """Return a project whose only milestone was due some days ago, by the zone's calendar."""
    now = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251  # a test is a door
    due = now.astimezone(ZoneInfo("Asia/Shanghai")).date() - timedelta(days)
    signed = Project(
        zone="haimen",
        project="p1",
        title="Jars",
        signed=date(2020, 1, 1),
        value=Money(Decimal(100_000_000)),
        cluster="materials",
        functional_area="central",
    )
    plan = Milestone("haimen", "p1", "completed", "Completed", due)
    envelope = {"source": "/projects", "time": now, "recordedtime": now, "specversion": "1.0"}
    return (
        ProjectRegistered(id="p1-signed", data=signed, **envelope),  # type: ignore[arg-type]
        MilestonePlanned(id="p1-plan", data=plan, **envelope),  # type: ignore[arg-type]
    )


def send_events(bootstrap: str, *events: TargetSet | ProjectEvent) -> None:
    topic = TARGETS if isinstance(events[0], TargetSet) else PROJECTS
    records = [
        (key := event_key(event), encode(event), partition_of(key, topic.partitions))
        for event in events
    ]
    send(bootstrap, records, topic.name)


def shown(one: Running, name: str) -> float:
    """Return the only sample of a series of the target; -1 while there is none."""
    return next((value for value in one.samples(name).values()), -1.0)


def test_events_become_a_message_that_says_what_is_missing_and_its_end(
    broker: RunningBroker, topics: Callable[..., None], tmp_path: Path
) -> None:
    topics()
    at = recent()
    year = at.astimezone(ZoneInfo("Asia/Shanghai")).year
    now = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251  # a test is a door

    with (
        worker(broker.bootstrap, tmp_path, free_port()) as one,
        watched(tmp_path, one.port) as received,
    ):
        send(broker.bootstrap, as_records(move(n, "THE", "45G1", at) for n in range(MOVES)))
        send_events(broker.bootstrap, target(1_100_000, year, now - timedelta(minutes=1)))
        send_events(broker.bootstrap, *late_project(12))

        behind = until("the alert arrives", lambda: received.of("TargetBehind"))
        late = until("the milestone's, too", lambda: received.of("MilestoneLate"))

        assert behind["labels"] == {
            "alertname": "TargetBehind",
            "severity": "critical",
            "owner": "tonghai",
            "target": "annual-teu",
            "period": str(year),
        }
        said = behind["annotations"]["description"]
        found = re.fullmatch(
            r"([\d,]+) TEU behind plan \(pace (0\.\d{3})\); ([\d,.]+) a day needed"
            r"(, [\d,.]+ in the last 28 days)?\.",
            said,
        )
        assert found, said
        # the plan grows each second: 1.1 million a year are 2.1 TEU a minute
        assert abs(int(found[1].replace(",", "")) - shown(one, "target_gap_value")) < 20
        assert re.search(
            r"落后计划[\d,]+标箱（进度比0\.\d{3}）", behind["annotations"]["description_zh"]
        )
        assert behind["annotations"]["runbook_url"] == "docs/runbook.md#targetbehind"
        assert late["annotations"]["description"].startswith("12 days late: ")

        by_hand = subprocess.run(
            [sys.executable, "-m", "stack", "alerts", "test", "NoEvents"],
            cwd=HERE,
            env={"QUAYMARK_ALERTMANAGER_PORT": str(received.alertmanager_port), "PATH": ""},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert by_hand.returncode == 0, by_hand.stdout + by_hand.stderr
        # the moves are three days old, so a real NoEvents alert may arrive before
        until("what was sent by hand arrives", lambda: received.of("NoEvents", test="by-hand"))

        # a new target without a restart: 2,000 TEU, which the port has handled
        send_events(broker.bootstrap, target(int(TEU), year, now))
        becomes("it is attained", lambda: shown(one, "target_status_code"), 0.0)
        until("the resolution arrives", lambda: received.of("TargetBehind", "resolved"))
        # the critical alert silenced the warning of the same target
        severities = {
            alert["labels"]["severity"]
            for alert in received.alerts
            if (alert["labels"]["alertname"], alert["status"]) == ("TargetBehind", "firing")
        }
        assert severities == {"critical"}
