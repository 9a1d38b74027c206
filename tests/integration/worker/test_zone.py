"""The zone's figures through a real Kafka and worker: /metrics has every published number."""

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from broker.connection import Connection
from broker.reader import TopicReading
from contract.events import (
    MilestoneDate,
    MilestoneMet,
    Money,
    Project,
    ProjectEvent,
    ProjectRegistered,
)
from contract.snapshots import ProjectCard, keep_newest
from contract.topics import PROJECT_CARDS, PROJECTS
from contract.wire import decode_snapshot, encode, event_key, partition_of
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.workers import HERE, Running, becomes, recent, send, until, worker

pytestmark = pytest.mark.kafka

DATA = HERE / "producers" / "data"


def produced(environ: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "producers", *arguments],
        cwd=HERE,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def total(one: Running, name: str, **labels: str) -> float:
    """Return the sum of a series over the samples whose labels begin with these values."""
    return sum(
        value
        for found, value in one.samples(name).items()
        if all(dict(found)[label].startswith(start) for label, start in labels.items())
    )


def signed(one: Running, tier: str, *quarters: str) -> float:
    return sum(
        value
        for found, value in one.samples("project_quarter_signed_projects").items()
        if dict(found)["tier"] == tier and dict(found)["quarter"].startswith(quarters)
    )


def committed(one: Running, *quarters: str) -> float:
    return sum(
        value
        for found, value in one.samples("project_quarter_committed_yuan").items()
        if dict(found)["quarter"].startswith(quarters)
    )


def caught_up(one: Running) -> bool:
    return one.ready() and not sum(one.samples("pipeline_lag_events").values())


def record(one: Running) -> dict[str, float]:
    """Return the shown values of the figures in DOMAIN.md 1, by the names of its table."""
    years, half = ("2016", "2017", "2018", "2019"), ("2020-Q1", "2020-Q2")
    return {
        "2016-2019, 100 million or more": signed(one, "100M", *years),
        "2016-2019, 1 bn or more": signed(one, "1bn", *years),
        "2016-2019, 10 bn or more": signed(one, "10bn", *years),
        "first half of 2020, 100 million or more": signed(one, "100M", *half),
        "first half of 2020, 2 bn or more": signed(one, "2bn", *half),
    }


ON_RECORD = {
    "2016-2019, 100 million or more": 130.0,
    "2016-2019, 1 bn or more": 26.0,
    "2016-2019, 10 bn or more": 1.0,
    "first half of 2020, 100 million or more": 12.0,
    "first half of 2020, 2 bn or more": 6.0,
}


def test_the_zones_book_gives_the_numbers_on_record_and_goes_on(
    broker: RunningBroker, topics: Callable[..., None], environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    with worker(broker.bootstrap, tmp_path, free_port()) as one:
        produced(environ, "import", str(DATA / "zone_book.csv"), str(DATA / "zone_figures.csv"))
        becomes("the record is in the metrics", lambda: record(one), ON_RECORD)
        until("all is read", lambda: caught_up(one))

        # close to CNY 100 bn, and over 50 bn
        assert 98e9 <= committed(one, "2016", "2017", "2018", "2019") < 100e9
        assert committed(one, "2020-Q1", "2020-Q2") > 50e9
        whole = total(one, "project_committed_yuan")
        assert committed(one, "20") == whole
        # the same money in another breakdown; some projects are abandoned, so the total is less
        standing = whole - total(one, "project_stage_yuan", stage="terminated")
        for cut in ("cluster", "area", "origin"):
            assert total(one, f"project_{cut}_yuan") == standing, cut
        assert total(one, "project_stage_yuan", stage="signed") == standing
        assert total(one, "project_orphan_projects") == 0
        assert total(one, "project_renamed_projects") == 0
        assert total(one, "pipeline_rejected_total") == 0

        # published figures: March 2021, flash 134,900, then 138,200; three months are 350,700
        march = {"scope": "tonghai", "indicator": "container_throughput"}
        assert total(one, "indicator_value", **march) == 350_700 - 121_300 - 91_200
        assert total(one, "indicator_value_before", **march, period="2021-03") == 134_900
        assert total(one, "indicator_periods", **march) == 12 + 12 + 3

        # `make up` sends the same events, and later ones
        before = total(one, "pipeline_events_total", topic=PROJECTS.name)
        produced(environ, "projects")
        produced(environ, "figures")
        until(
            "the years after are in",
            lambda: total(one, "project_signed_projects", tier="100M", year="2021") > 0,
        )
        until("all is read", lambda: caught_up(one))
        assert total(one, "pipeline_events_total", topic=PROJECTS.name) > before
        assert record(one) == ON_RECORD
        assert total(one, "project_orphan_projects") == 0
        assert total(one, "pipeline_rejected_total") == 0

    cards = newest_cards(broker.bootstrap)
    cruise = cards["china-merchants-cruise"]
    jars = cards["japan-cosmetics-container"]
    # CNY 20 bn, the zone's largest; USD 150 million at 6.9 = 1,035 million, the largest Japanese
    assert cruise.yuan == max(card.yuan for card in cards.values()) == 20_000_000_000
    assert (cruise.title_zh, cruise.park) == ("招商局豪华邮轮项目", "cruise")
    assert jars.yuan == 1_035_000_000
    assert jars.yuan == max(card.yuan for card in cards.values() if card.country == "JP")


def registered(event_id: str, title: str, at: datetime) -> ProjectRegistered:
    return ProjectRegistered(
        id=event_id,
        source="/projects",
        time=at,
        recordedtime=at,
        specversion="1.0",
        data=Project(
            zone="haimen",
            project="p9",
            title=title,
            signed=at.date(),
            value=Money(Decimal(100_000_000)),
            cluster="materials",
            functional_area="central",
        ),
    )


def test_an_orphan_is_shown_and_joined_later_and_a_reused_id_is_told(
    broker: RunningBroker, topics: Callable[..., None], tmp_path: Path
) -> None:
    topics()
    at = recent(30)
    met = MilestoneMet(
        id="m",
        source="/projects",
        time=at,
        recordedtime=at,
        specversion="1.0",
        data=MilestoneDate("haimen", "p9", "completed", at.date()),
    )

    def report(*events: ProjectEvent) -> None:
        records = [
            (key := event_key(event), encode(event), partition_of(key, PROJECTS.partitions))
            for event in events
        ]
        send(broker.bootstrap, records, PROJECTS.name)

    with worker(broker.bootstrap, tmp_path, free_port()) as one:
        report(met)
        becomes("it is an orphan", lambda: total(one, "project_orphan_projects"), 1.0)
        assert total(one, "project_signed_projects") == 0
        assert "ledger.project_orphaned" in one.log.read_text(encoding="utf-8")

        report(registered("r1", "Jars", at))
        becomes("it has joined", lambda: total(one, "project_orphan_projects"), 0.0)
        assert total(one, "project_signed_projects", tier="100M") == 1

        report(registered("r2", "Ships", at + timedelta(1)))
        becomes("two names", lambda: total(one, "project_renamed_projects"), 1.0)
        assert total(one, "project_signed_projects", tier="100M") == 1
        until(
            "the rejection is counted",
            lambda: total(one, "pipeline_rejected_total", reason="reused_id"),
        )


def newest_cards(bootstrap: str) -> dict[str, ProjectCard]:
    """Project -> its newest card in the snapshot topic."""
    newest: dict[str, ProjectCard] = {}
    with TopicReading(Connection(bootstrap), PROJECT_CARDS) as reading:
        for batch in reading.rest():
            for record in batch:
                card = decode_snapshot(record.value) if record.value else None
                if isinstance(card, ProjectCard):
                    keep_newest(newest, card.project, card)
    return newest
