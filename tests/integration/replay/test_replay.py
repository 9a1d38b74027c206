"""Replays on a real Kafka: a rebuild, into the live books, and into a run of its own."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from msgspec.structs import replace

from broker.admin import partitions
from broker.connection import Connection
from contract.topics import TOPICS
from contract.wire import encode
from tests.integration.support.commands import ok, run
from tests.integration.support.figures import (
    WHAT_IF,
    YEAR_TO_DATE,
    differing,
    figures,
    settled,
    teu_by_area,
)
from tests.integration.support.offsets import committed as committed_moves
from tests.integration.support.offsets import ends
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.workers import HERE, Running, as_records, move, send, until, worker

pytestmark = pytest.mark.kafka

Topics = Callable[..., None]
FEBRUARY = ("--since", "2019-02-01", "--until", "2019-02-12", "--no-live")


def of_2019(exposition: str) -> set[str]:
    lines = exposition.splitlines()
    return {line for line in lines if line.startswith(YEAR_TO_DATE) and 'year="2019"' in line}


def simulated(environ: dict[str, str]) -> None:
    ok(run(environ, "simulate", *FEBRUARY, room="producers"))
    ok(run(environ, "projects", room="producers"))
    ok(run(environ, "targets", room="producers"))


def committed(bootstrap: str, group: str) -> dict[tuple[str, int], int]:
    """(topic, partition) -> committed offset of a group."""

    async def go() -> dict[tuple[str, int], int]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False
        )
        await consumer.start()
        try:
            found = {}
            for topic in TOPICS:
                for number in range(topic.partitions):
                    offset = await consumer.committed(TopicPartition(topic.name, number))
                    if offset is not None:
                        found[topic.name, number] = offset
            return found
        finally:
            await consumer.stop()

    return asyncio.run(go())


def test_an_archive_is_all_that_an_empty_machine_needs(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    folder, port = tmp_path / "a", free_port()
    environ["QUAYMARK_METRICS_PORT"] = str(port)
    simulated(environ)
    ok(run(environ, "archive", str(folder)))
    with worker(broker.bootstrap, tmp_path, port, store="memory") as one:
        before = settled(one)
        assert one.stop() == 0
    assert any(series.startswith("project_") for series in before)

    topics()  # an empty machine
    ok(run(environ, "books", "rebuild", "--yes", "--archive", str(folder)))
    with worker(broker.bootstrap, tmp_path, port, store="memory") as two:
        until("every KPI is as it was", lambda: differing(figures(two), before) == [])
        ok(run(environ, "books", "verify"))


def more_repeats(one: Running, so_far: float) -> bool:
    return one.samples("pipeline_repeats_total")[()] > so_far


def test_a_replay_into_the_live_books_fills_gaps_and_changes_nothing_else(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    folder, port = tmp_path / "a", free_port()
    environ["QUAYMARK_METRICS_PORT"] = str(port)
    simulated(environ)
    ok(run(environ, "archive", str(folder)))
    topics()
    some = ("--from", "2019-02-01", "--to", "2019-02-06")
    source = ("replay", "--from-archive", str(folder), "--into", "live")
    ok(run(environ, *source, *some))

    with worker(broker.bootstrap, tmp_path, port, store="memory") as one:
        settled(one)
        first = sum(teu_by_area(one).values())
        ok(run(environ, *source))  # the remaining days, and the first days once more
        until("more is booked", lambda: sum(teu_by_area(one).values()) > first)
        before = settled(one)
        ok(run(environ, "books", "verify"))
        booked = one.samples("pipeline_repeats_total")[()]

        for _ in range(2):  # killed in the middle twice, then run to its end
            so_far = one.samples("pipeline_repeats_total")[()]
            log = tmp_path / "replay.log"
            with log.open("wb") as out:
                replaying = subprocess.Popen(
                    [sys.executable, "-m", "producers", *source[:3], "--speed", "10000"],
                    cwd=HERE,
                    env=environ,
                    stdout=out,
                    stderr=out,
                )
            try:
                until("some of it came again", partial(more_repeats, one, so_far))
                assert replaying.poll() is None, log.read_text()
            finally:
                replaying.kill()
                replaying.wait()
        ok(run(environ, *source))

        until("it came again", lambda: one.samples("pipeline_repeats_total")[()] > booked)
        assert differing(settled(one), before) == []  # to the last hundredth
        ok(run(environ, "books", "verify"))


def test_a_run_has_books_of_its_own_and_leaves_the_live_ones_be(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    port = free_port()
    environ["QUAYMARK_METRICS_PORT"] = str(port)
    what_if = tmp_path / "what-if.toml"
    what_if.write_text(WHAT_IF, "utf-8")
    simulated(environ)

    with worker(broker.bootstrap, tmp_path, port, store="memory") as live:
        before = settled(live)
        until(
            "it is committed", lambda: committed_moves(broker.bootstrap) == ends(broker.bootstrap)
        )
        offsets = committed(broker.bootstrap, "quaymark")
        whole = ("replay", "--to", "2019-02-12", "--run", "what-if", "--end")
        said = ok(run(environ, *whole, "--targets", str(what_if)))

        assert "Tonghai port area 2019" in said
        assert "1,200,000 TEU" in said
        assert differing(figures(live), before) == []
        assert committed(broker.bootstrap, "quaymark") == offsets
        other = run(environ, *whole)  # refused: the name belongs to another run
        assert other.returncode == 2
        assert "what-if exists, begun as" in other.stderr
        kept = (tmp_path / "runs/what-if/figures.txt").read_text("utf-8")
        assert of_2019(kept) == of_2019(live.get("/metrics"))
        assert 'year="2026"' not in kept  # in a run it is 12 February 2019
        # the run is at 12 February 2019; for the live books the year 2019 is over
        [pace] = [line for line in kept.splitlines() if "planned_to_date_teu{" in line][:1]
        assert float(pace.rpartition(" ")[2]) < 1_200_000 * 0.15

        assert "what-if" in ok(run(environ, "runs", "list"))
        assert "1,200,000 TEU" in ok(run(environ, "runs", "compare", "live", "what-if"))
        ok(run(environ, "runs", "drop", "what-if"))
        assert [
            name for name in partitions(Connection(broker.bootstrap)) if name.startswith("run.")
        ] == []
        assert committed(broker.bootstrap, "quaymark") == offsets
        assert not (tmp_path / "runs/what-if").exists()


def test_what_can_not_be_replayed_is_said_and_leaves_no_trace(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    folder = tmp_path / "a"
    simulated(environ)
    ok(run(environ, "archive", str(folder)))
    (folder / "port.moves.raw/2019-02-05.0.parquet").unlink()
    source = ("replay", "--from-archive", str(folder))

    nothing = run(environ, *source, "--to", "2015-12-31", "--run", "empty", "--end")
    future = run(environ, *source, "--from", "2090-01-01", "--into", "live")
    damaged = run(environ, *source, "--into", "live")
    elsewhere = run(environ, *source, "--from", "2019-02-08", "--into", "live")
    torn = folder / "port.moves.raw/2019-02-09.0.parquet"
    torn.write_bytes(torn.read_bytes()[:-100])
    two_gaps = run(environ, *source, "--from", "2019-02-08", "--into", "live")
    with_gaps = run(environ, *source, "--into", "live", "--allow-gaps")
    live = ("replay", "--to", "2015-12-31")  # without an archive: from the live topics
    none_live = [
        run(environ, *live, *where) for where in (("--into", "live"), ("--run", "empty", "--end"))
    ]

    assert [one.returncode for one in none_live] == [2, 2]
    assert all("no event of the beginning to 2015-12-31" in one.stderr for one in none_live)
    assert two_gaps.returncode == 1
    assert "port.moves.raw, 2019-02-09" in two_gaps.stderr
    assert "2019-02-09" in with_gaps.stderr
    assert nothing.returncode == 2
    assert "2019-02-01" in nothing.stderr or "holds" in nothing.stderr
    assert not (tmp_path / "runs/empty").exists()
    assert future.returncode == 2
    assert damaged.returncode == 1
    assert "port.moves.raw, 2019-02-05" in damaged.stderr
    assert elsewhere.returncode == 0, elsewhere.stderr
    assert with_gaps.returncode == 0, with_gaps.stderr
    assert "2019-02-05" in with_gaps.stderr


def test_old_history_is_booked_as_it_was_and_its_closed_days_still_catch_duplicates(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    port, then = free_port(), datetime(2019, 7, 1, 4, tzinfo=UTC)
    a, b = move(1, "THE", "22G1", then), move(2, "THE", "45G1", then)
    newer = replace(a, recordedtime=then + timedelta(1), data=replace(a.data, facilityCode="THW"))
    history = tmp_path / "history.json"
    history.write_bytes(b"\n".join(map(encode, (a, b))))

    with worker(broker.bootstrap, tmp_path, port, store="memory") as one:
        ok(run(environ, "replay", str(history), "--into", "live"))
        # 400 days are open, and these two moves are years old: 1.00 + 2.00 TEU
        until("both are booked", lambda: teu_by_area(one) == {("tonghai", "THE"): 3.0})
        send(broker.bootstrap, as_records([a, newer]))  # as if they arrived today
        refused = (("reason", "too_old"),)
        until(
            "the rejection is counted",
            lambda: one.samples("pipeline_rejected_total")[refused] == 1,
        )
        until("so is it", lambda: one.samples("pipeline_repeats_total")[()] == 1)
        assert teu_by_area(one) == {("tonghai", "THE"): 3.0}
        ok(run(environ, "replay", str(history), "--into", "live"))
        until("it is seen again", lambda: one.samples("pipeline_repeats_total")[()] == 3)
        assert teu_by_area(one) == {("tonghai", "THE"): 3.0}


def test_what_an_unknown_terminal_sent_in_2019_counts_in_2019_once_it_is_named(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    then = datetime(2019, 7, 1, 4, tzinfo=UTC)
    known, unknown = move(1, "THE", "22G1", then), move(2, "EAST2", "45G1", then)
    history, book = tmp_path / "history.json", tmp_path / "book.toml"
    history.write_bytes(b"\n".join(map(encode, (known, unknown))))
    text = (HERE / "quaymark.toml").read_text("utf-8")
    book.write_text(text.replace('code = "THE"', 'code = "THE"\naliases = ["EAST2"]'), "utf-8")

    with worker(broker.bootstrap, tmp_path, free_port(), store="memory") as one:
        ok(run(environ, "replay", str(history), "--into", "live"))
        refused = (("reason", "unknown_terminal"),)
        until(
            "the rejection is counted",
            lambda: one.samples("pipeline_rejected_total")[refused] == 1,
        )
        until("the other counts", lambda: teu_by_area(one) == {("tonghai", "THE"): 1.0})
        assert one.stop() == 0
    environ["QUAYMARK_BOOK"] = str(book)
    with worker(broker.bootstrap, tmp_path, free_port(), store="memory", book=str(book)) as two:
        said = ok(run(environ, "rejected", "retry", room="producers"))
        # a day seven years ago is closed to events of today; this one was received in 2019
        until("both count", lambda: teu_by_area(two) == {("tonghai", "THE"): 3.0})

    assert "1 events sent again, 0 dead letters still refused" in said
