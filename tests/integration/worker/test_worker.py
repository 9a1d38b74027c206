"""The count stays exact with a real Kafka, through a restart and with a second worker."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from contract.wire import encode
from tests.integration.support.known_moves import TEU, dead_letters, handled, known_moves, settled
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.scraping import query, scraping
from tests.integration.support.workers import (
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


def test_moves_are_counted_to_the_hundredth_in_metrics_and_in_prometheus(
    broker: RunningBroker, topics: Topics, tmp_path: Path
) -> None:
    topics()
    records = as_records(known_moves())

    with worker(broker.bootstrap, tmp_path, free_port()) as one, scraping(tmp_path, one) as url:
        send(broker.bootstrap, records)
        send(broker.bootstrap, records[:1000])  # sent again: nothing is counted twice

        becomes("all moves are counted", lambda: handled(one), TEU)
        until(
            "Prometheus has them",
            lambda: (
                query(url, "sum by (terminal) (port_throughput_ytd_teu) > 0", "terminal") == TEU
            ),
        )
        assert query(url, "sum(port_throughput_ytd_teu)") == {"": 30_000.0}
        assert query(url, "sum(pipeline_repeats_total)") == {"": 1000.0}
        assert one.stop() == 0


def test_a_restart_in_the_middle_changes_nothing(
    broker: RunningBroker, topics: Topics, tmp_path: Path
) -> None:
    topics()
    records, port = as_records(known_moves()), free_port()

    with worker(broker.bootstrap, tmp_path, port) as first:
        send(broker.bootstrap, records[:11_000])
        until("a part is counted", lambda: sum(handled(first).values()) > 1000)
        assert first.stop() == 0
    send(broker.bootstrap, records[11_000:])
    with worker(broker.bootstrap, tmp_path, port) as second:
        until("some is counted", lambda: sum(handled(second).values()) > 20_000)
        second.kill()
    with worker(broker.bootstrap, tmp_path, port) as third:
        becomes("all is counted", lambda: handled(third), TEU)


def test_stops_and_kills_in_the_middle_of_batches_lose_nothing(
    broker: RunningBroker, topics: Topics, tmp_path: Path
) -> None:
    topics()
    send(broker.bootstrap, as_records(known_moves()))
    port = free_port()

    for end in ("kill", "stop", "stop", "kill", "stop"):
        with worker(broker.bootstrap, tmp_path, port) as one:
            until("a batch is at hand", lambda one=one: began(one))  # type: ignore[misc]
            one.kill() if end == "kill" else one.stop()
    with worker(broker.bootstrap, tmp_path, port) as last:
        becomes("all is counted", lambda: handled(last), TEU)


def began(one: Running) -> bool:
    """Whether a move was read, or none is left to read."""
    read = one.samples("pipeline_events_total")
    return bool(read.get((("topic", "port.moves.raw"),))) or settled(one)


def test_a_second_worker_joining_in_the_middle_changes_nothing(
    broker: RunningBroker, topics: Topics, tmp_path: Path
) -> None:
    topics()
    records = as_records(known_moves())
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()

    with worker(broker.bootstrap, folders[0], free_port()) as one:
        send(broker.bootstrap, records[:9_000])
        until("a part is counted", lambda: sum(handled(one).values()) > 1000)
        with worker(broker.bootstrap, folders[1], free_port()) as two:
            send(broker.bootstrap, records[9_000:])
            until("both hold a part", lambda: settled(one, two))
            becomes("all is counted, once", lambda: handled(one, two), TEU)
            assert two.samples("pipeline_owned_partitions")[(("topic", "port.moves.raw"),)] > 0
            assert two.stop() == 0
        until("the first holds all again", lambda: settled(one))
        becomes("all is counted still", lambda: handled(one), TEU)


def test_what_cannot_be_counted_is_set_aside_and_the_worker_goes_on(
    broker: RunningBroker, topics: Topics, tmp_path: Path
) -> None:
    topics()
    at = recent()
    good = json.loads(encode(move(1, "THE", "22G1", at)))

    def but(**changes: object) -> bytes:
        return json.dumps(good | {"id": str(changes)} | changes).encode()

    bad = {
        b"\xff\xfe not JSON": "undecodable",
        but(data=[1, 2]): "wrong_type",
        but(data={"eventClassifierCode": "ACT"}): "missing_field",
        but(type="port.ship.sunk.v1"): "unknown_event_type",
        but(data=good["data"] | {"facilityCode": "ATLANTIS"}): "unknown_terminal",
        but(time="2026-03-01T08:00:00"): "naive_time",
        but(time="2099-01-01T00:00:00Z"): "future_time",
        but(data=good["data"] | {"ISOEquipmentCode": "0000"}): "unknown_size",
    }

    with worker(broker.bootstrap, tmp_path, free_port()) as one:
        send(broker.bootstrap, [(b"k", value, 0) for value in bad])
        send(broker.bootstrap, as_records([move(2, "THE", "45G1", at)]))

        becomes("the good move is counted", lambda: handled(one), {"THE": 2.0})
        letters = {letter.value: letter for letter in dead_letters(broker.bootstrap, len(bad))}
        assert {value: letters[value].reason for value in bad} == bad
        assert {(le.topic, le.partition) for le in letters.values()} == {("port.moves.raw", 0)}
        assert sorted(letter.offset for letter in letters.values()) == list(range(len(bad)))
        assert "ATLANTIS" in next(
            le.error for le in letters.values() if le.reason == "unknown_terminal"
        )
        counted = one.samples("pipeline_rejected_total")
        assert {
            reason: counted[(("reason", reason),)] for reason in bad.values()
        } == dict.fromkeys(bad.values(), 1.0)
        # the move of unknown size counts as a move; its TEU does not
        moves = one.samples("port_throughput_ytd_moves")
        assert sum(moves.values()) == 2
        assert one.stop() == 0
