"""`quaymark books`: a recount finds what a worker missed, and a rebuild corrects the books."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from broker.admin import create_topics
from broker.connection import Connection
from stack.processes import kafka
from stack.processes.child import Child
from stack.processes.kafka import Broker
from stack.processes.tcp_ports import listens
from tests.integration.support.commands import run, verified
from tests.integration.support.figures import teu_by_area
from tests.integration.support.offsets import commit_past_the_ends
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.workers import (
    HERE,
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


def test_a_recount_agrees_sees_what_was_missed_and_a_rebuild_mends_it(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    port = free_port()
    environ["QUAYMARK_METRICS_PORT"] = str(port)
    day = f"{recent(4):%Y-%m-%d}"  # a day with repeats, amendments, retractions, late records

    with worker(broker.bootstrap, tmp_path, port) as one:
        sent = run(
            environ, "simulate", "--since", day, "--until", day, "--no-live", room="producers"
        )
        assert sent.returncode == 0, sent.stderr
        done = verified(environ)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "the books are exact" in done.stdout
        refused = run(environ, "books", "rebuild", "--yes")
        assert refused.returncode == 1
        assert "live workers" in refused.stderr
        before = teu_by_area(one)
        assert len(before) == 3
        assert one.stop() == 0

    assert verified(environ).returncode == 1  # no worker answers
    assert verified(environ, "--snapshots").returncode == 0
    # 3 boxes of 40 ft and one of 20 at THE that the worker never reads: 7.00 TEU
    missed = [move(n, "THE", size, recent()) for n, size in enumerate(["45G1"] * 3 + ["22G1"])]
    send(broker.bootstrap, as_records(missed))
    commit_past_the_ends(broker.bootstrap)

    with worker(broker.bootstrap, tmp_path, port) as two:
        done = verified(environ)
        assert done.returncode == 1
        [line] = [line for line in done.stdout.splitlines() if "port_throughput_ytd_teu" in line]
        assert "terminal=THE" in line
        assert line.split()[-1] == "-7.00"
        assert "not exact" in done.stderr
        assert two.stop() == 0

    unasked = run(environ, "books", "rebuild")
    assert unasked.returncode == 2  # there is no user to confirm it
    assert "--yes" in unasked.stderr
    rebuilt = run(environ, "books", "rebuild", "--yes")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert not (tmp_path / f"worker-{port}").exists()

    with worker(broker.bootstrap, tmp_path, port) as three:
        done = verified(environ)
        assert done.returncode == 0, done.stdout + done.stderr
        after = teu_by_area(three)
        assert after == before | {("tonghai", "THE"): before["tonghai", "THE"] + 7}
        assert three.stop() == 0


def test_a_log_that_lost_its_end_is_read_again_and_what_comes_counts(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    port, at = free_port(), recent()
    environ["QUAYMARK_METRICS_PORT"] = str(port)
    events = [move(n, "THE", "22G1", at) for n in range(30)]  # all of one source: one partition

    with worker(broker.bootstrap, tmp_path, port) as one:
        send(broker.bootstrap, as_records(events[:10]))
        becomes("10 boxes of 20 ft", lambda: teu_by_area(one), {("tonghai", "THE"): 10.0})
        assert one.stop() == 0
    # as after a power failure: a committed offset lies beyond the end of the log
    commit_past_the_ends(broker.bootstrap, past=15)
    send(broker.bootstrap, as_records(events[10:20]))

    with worker(broker.bootstrap, tmp_path, port) as two:
        becomes("10 more", lambda: teu_by_area(two), {("tonghai", "THE"): 20.0})
        assert "worker.committed_past_the_end" in two.log.read_text("utf-8")
        assert two.stop() == 0
    send(broker.bootstrap, as_records(events[20:]))  # they include offset 25, which was committed

    with worker(broker.bootstrap, tmp_path, port) as three:
        becomes("and 10 more", lambda: teu_by_area(three), {("tonghai", "THE"): 30.0})
        assert verified(environ).returncode == 0
        assert three.stop() == 0


def test_a_terminal_that_moved_keeps_its_past_until_the_books_are_rebuilt(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    port, at = free_port(), recent()
    text = (HERE / "quaymark.toml").read_text("utf-8")
    area = '[[area]]\ncode = "riverside"\nname = { zh = "滨江", en = "Riverside" }\n\n'
    west = text.index('[[area.terminal]]\ncode = "THW"')
    moved_book = tmp_path / "moved.toml"
    moved_book.write_text(text[:west] + area + text[west:], "utf-8")
    environ |= {"QUAYMARK_METRICS_PORT": str(port), "QUAYMARK_BOOK": str(moved_book)}
    # a 40 ft box at THW before the change, a 20 ft one after it, a day apart
    old, new = move(1, "THW", "45G1", at), move(2, "THW", "22G1", at + timedelta(days=1))

    with worker(broker.bootstrap, tmp_path, port) as one:
        send(broker.bootstrap, as_records([old]))
        until("it is counted", lambda: teu_by_area(one) == {("tonghai", "THW"): 2.0})
        assert one.stop() == 0

    with worker(broker.bootstrap, tmp_path, port, book=str(moved_book)) as two:
        send(broker.bootstrap, as_records([new]))
        kept = {("tonghai", "THW"): 2.0, ("riverside", "THW"): 1.0}
        until("the past stays where it was booked", lambda: teu_by_area(two) == kept)
        done = verified(environ)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "THW: past moves stay booked in tonghai" in done.stdout
        assert two.stop() == 0

    assert run(environ, "books", "rebuild", "--yes").returncode == 0
    with worker(broker.bootstrap, tmp_path, port, book=str(moved_book)) as three:
        rebooked = {("riverside", "THW"): 3.0}
        until("all is booked anew", lambda: teu_by_area(three) == rebooked)
        done = verified(environ)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "past moves stay booked" not in done.stdout
        assert three.stop() == 0


def test_where_the_town_is_down_kafka_is_started_for_the_command(
    environ: dict[str, str], tmp_path: Path
) -> None:
    own = Broker.at(tmp_path / "data/kafka", free_port())
    environ["QUAYMARK_KAFKA"] = own.bootstrap
    child = Child(kafka.prepare(own, say=lambda line: None), tmp_path / "log")
    child.start()
    try:
        until("Kafka answers", lambda: kafka.answers(Connection(own.bootstrap)))
        create_topics(Connection(own.bootstrap))
        # a 20 ft box at THE: 1.00 TEU, which is in no snapshot of a worker
        send(own.bootstrap, as_records([move(1, "THE", "22G1", recent())]))
    finally:
        child.stop()

    rebuilt = run(environ, "books", "rebuild", "--yes")
    done = verified(environ, "--snapshots")

    assert rebuilt.returncode == 0, rebuilt.stderr
    assert done.returncode == 1
    assert "no Kafka was running" in done.stdout
    assert "-1.00" in done.stdout
    assert not listens("127.0.0.1", own.port)
