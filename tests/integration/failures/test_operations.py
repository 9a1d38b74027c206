"""A worker that is stopped, is paused, loses its local store, or loses its broker."""

import os
import signal
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from msgspec.structs import replace

from contract.events import ContainerMoved
from contract.topics import MOVES
from contract.wire import partition_of
from tests.integration.support.changelogs import KPI_CHANGELOG, LEDGER_CHANGELOG, recreate_topics
from tests.integration.support.known_moves import TEU, handled, known_moves, settled
from tests.integration.support.offsets import GROUP, committed, ends, kept, members, records, spans
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker, Topics
from tests.integration.support.workers import (
    Running,
    as_records,
    becomes,
    move,
    recent,
    send,
    until,
    waits,
    worker,
)

pytestmark = pytest.mark.kafka

THC = partition_of(b"/tonghai/THC", MOVES.partitions)


def test_a_graceful_stop_commits_all_that_is_booked_and_leaves_the_group(
    broker: RunningBroker, topics: Topics, tmp_path: Path
) -> None:
    topics()
    folders = [tmp_path / "one", tmp_path / "two"]
    with (
        worker(broker.bootstrap, folders[0], free_port()) as one,
        worker(broker.bootstrap, folders[1], free_port()) as two,
    ):
        until("both hold a part", lambda: settled(one, two) and held(one) and held(two))
        send(broker.bootstrap, as_records(known_moves()))
        until("all is booked", lambda: settled(one, two))
        only = one.get("/metrics?name[]=pipeline_events_total&name[]=pipeline_repeats_total")
        assert {line.split("{")[0].split()[0] for line in only.splitlines() if line[0] != "#"} == {
            "pipeline_events_total",
            "pipeline_repeats_total",
        }

        assert one.stop() == 0
        assert (
            members(broker.bootstrap, GROUP) == 1
        )  # so the group need not wait for its session to end
        until("the other has taken over", lambda: settled(two))
        becomes("all is counted still", lambda: handled(two), TEU)
        assert two.stop() == 0

    assert members(broker.bootstrap, GROUP) == 0
    assert committed(broker.bootstrap) == ends(broker.bootstrap)


def held(one: Running) -> float:
    return one.samples("pipeline_owned_partitions")[(("topic", "port.moves.raw"),)]


def test_a_worker_paused_past_its_session_adds_nothing_when_it_goes_on(
    broker: RunningBroker, topics: Topics, tmp_path: Path
) -> None:
    topics()
    moves = as_records(known_moves())
    folders = [tmp_path / "zombie", tmp_path / "heir"]
    with worker(broker.bootstrap, folders[0], free_port()) as zombie:
        send(broker.bootstrap, moves[:9_000])
        until("it is in the middle of them", lambda: sum(handled(zombie).values()) > 1000)
        zombie.process.send_signal(signal.SIGSTOP)
        try:
            with worker(broker.bootstrap, folders[1], free_port()) as heir:
                send(broker.bootstrap, moves[9_000:])
                until("the heir holds all", lambda: settled(heir))
                becomes("all is counted", lambda: handled(heir), TEU)

                zombie.process.send_signal(signal.SIGCONT)

                until("both share the work", lambda: settled(zombie, heir) and held(zombie))
                becomes("all is counted once", lambda: handled(zombie, heir), TEU)
                # an amendment: move 2 at THE was of a 40 ft box, not a 20 ft one: 1 TEU more
                send(broker.bootstrap, as_records([move(2, "THE", "45G1", recent(1))]))
                amended = TEU | {"THE": TEU["THE"] + 1}
                becomes("a correction counts", lambda: handled(zombie, heir), amended)
                assert heir.stop() == 0
                until("the zombie holds all", lambda: settled(zombie))
                becomes("its books are whole", lambda: handled(zombie), amended)
                assert zombie.stop() == 0
        finally:
            if zombie.process.poll() is None:
                zombie.process.send_signal(signal.SIGCONT)


def test_books_are_the_same_from_compacted_changelogs_whatever_the_local_store_is(
    broker: RunningBroker, tmp_path: Path
) -> None:
    recreate_topics(broker.bootstrap)
    known, port = known_moves(), free_port()
    moves = as_records(known)
    with worker(broker.bootstrap, tmp_path, port) as one:
        # sent a few at a time, like live traffic: hundreds of small blobs and snapshots
        for start in range(0, 4_000, 40):
            send(broker.bootstrap, moves[start : start + 40])
        until("these are booked", lambda: settled(one))
        small = {
            at
            for at in kept(broker.bootstrap, LEDGER_CHANGELOG)
            if at.partition == THC and not at.key[0]
        }
        assert small
        send(broker.bootstrap, moves[4_000:])
        becomes("all is counted", lambda: handled(one), TEU)
        # Kafka closes a segment only when a later record arrives, so the same 60 moves are sent
        # with a new recordedtime until compaction has removed the old rows and the tombstones
        anew = (as_records(recorded_again(known[:120], minutes)) for minutes in count(1))

        def gone() -> bool:
            send(broker.bootstrap, next(anew))
            return not small & kept(broker.bootstrap, LEDGER_CHANGELOG)

        def thinned() -> bool:
            send(broker.bootstrap, next(anew))
            written = sum(
                end - begin for begin, end in spans(broker.bootstrap, KPI_CHANGELOG).values()
            )
            return records(broker.bootstrap, KPI_CHANGELOG) < written // 2

        until("what was merged is gone", gone)
        until("old rows of the KPI changelog are gone", thinned)
        becomes("all is counted still", lambda: handled(one), TEU)
        assert one.stop() == 0

    store = tmp_path / f"worker-{port}"
    databases = list(store.rglob("kpi-*.db"))
    assert len(databases) == 2

    with worker(broker.bootstrap, tmp_path, port) as current:
        becomes("a current store is good", lambda: handled(current), TEU)
        assert current.stop() == 0
    for file in store.rglob("kpi-*.db/*"):
        if file.suffix in (".sst", ".log") or file.name.startswith("MANIFEST"):
            file.write_bytes(os.urandom(4096))
    with worker(broker.bootstrap, tmp_path, port) as corrupt:
        becomes("a corrupt one is rebuilt", lambda: handled(corrupt), TEU)
        assert "local_store_set_aside" in corrupt.log.read_text("utf-8")
        assert corrupt.stop() == 0
    with worker(broker.bootstrap, tmp_path / "empty", port) as empty:
        becomes("an empty one is filled", lambda: handled(empty), TEU)
        # the earlier local store is now stale: it lacks these moves, 2.00 TEU at THE
        send(broker.bootstrap, as_records([move(30_000, "THE", "45G1", recent())]))
        more = TEU | {"THE": TEU["THE"] + 2}
        becomes("one more is counted", lambda: handled(empty), more)
        assert empty.stop() == 0
    with worker(broker.bootstrap, tmp_path, port) as old:
        becomes("an old one catches up", lambda: handled(old), more)
        assert old.stop() == 0


def recorded_again(moves: list[ContainerMoved], minutes: int) -> list[ContainerMoved]:
    """Return the moves at THC with a new recordedtime and no other change."""
    later = timedelta(minutes=minutes)
    return [
        replace(one, recordedtime=one.recordedtime + later)
        for one in moves
        if one.data.facilityCode == "THC"
    ]


def test_a_worker_whose_broker_is_away_says_so_and_goes_on_when_it_is_back(
    broker: RunningBroker, topics: Topics, tmp_path: Path
) -> None:
    topics()
    moves = as_records(known_moves())
    with worker(broker.bootstrap, tmp_path, free_port()) as one:
        send(broker.bootstrap, moves[:9_000])
        until("a part is counted", lambda: sum(handled(one).values()) > 1000)
        broker.kill()
        try:
            until("it says that it waits", lambda: waits(one))
            assert one.samples("pipeline_ready") == {(): 0.0}
            assert one.get("/livez") == "alive\n"
        finally:
            broker.start()
        send(broker.bootstrap, moves[9_000:])

        becomes("all is counted", lambda: handled(one), TEU)
        assert one.ready()
        assert one.stop() == 0
