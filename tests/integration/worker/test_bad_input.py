"""Invalid input, end to end: it stops no worker and costs no valid event."""

import json
from collections import Counter
from pathlib import Path

import pytest

from contract.events import IndicatorReported, ProjectRegistered, TargetSet
from contract.published.examples import EXAMPLES
from contract.topics import INDICATORS, MOVES, PROJECTS, TARGETS, TOPICS, Topic
from contract.wire import encode
from tests.integration.support.commands import verified
from tests.integration.support.known_moves import dead_letters, handled, settled
from tests.integration.support.ports import free_port
from tests.integration.support.raw_batches import NAME, Odd, batch_of, send_batch
from tests.integration.support.running_broker import RunningBroker, Topics
from tests.integration.support.workers import (
    HERE,
    PATIENCE_SECONDS,
    as_records,
    becomes,
    move,
    recent,
    send,
    start_worker,
    until,
    worker,
)

pytestmark = pytest.mark.kafka

MIB = 1 << 20


def test_ten_megabytes_in_one_event_are_refused_by_their_size(
    broker: RunningBroker, topics: Topics, tmp_path: Path
) -> None:
    # This topic accepts it; our own topics refuse it, and so does our sender.
    topics(*(Topic(MOVES.name, MOVES.key, 4, largest_record=12 * MIB) if t is MOVES else t
             for t in TOPICS))  # fmt: skip
    at = recent()
    large = json.loads(encode(move(1, "THE", "22G1", at)))
    sizes = {10 * MIB: b"", 3 * MIB // 2: b""}  # the second still fits in a dead letter
    for size in sizes:
        sizes[size] = json.dumps(large | {"id": f"{size}", "subject": "x" * size}).encode()

    with worker(broker.bootstrap, tmp_path, free_port()) as one:
        send(broker.bootstrap, [(b"k", value, 0) for value in sizes.values()], largest=12 * MIB)
        send(broker.bootstrap, [(b"k", encode(move(2, "THE", "45G1", at)), 0)])

        becomes("the event behind them is counted", lambda: handled(one), {"THE": 2.0})
        letters = dead_letters(broker.bootstrap, 2)
        assert [(le.reason, le.partition, le.offset) for le in letters] == [
            ("too_large", 0, 0),
            ("too_large", 0, 1),
        ]
        # the smaller is kept with its bytes; the dead letter of the larger names its offset
        assert [le.value for le in letters] == [None, sizes[3 * MIB // 2]]
        assert f"{len(sizes[10 * MIB])} bytes" in letters[0].error
        assert one.stop() == 0


def test_what_no_client_library_writes_stops_no_worker(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    port = free_port()
    environ["QUAYMARK_METRICS_PORT"] = str(port)
    at = recent()
    now = round(at.timestamp() * 1000)
    good = [encode(move(n, "THE", "22G1", at)) for n in range(5)]
    word = json.dumps(json.loads(good[0]) | {"specversion": "\x7f" * 900_000}, ensure_ascii=False)
    odd = (
        Odd(good[0], now),
        Odd(good[1], now, ((NAME.decode(), b"x"),)),  # a header's name in Latin-1: it counts
        Odd(
            good[2], now, (("ce_id", b"\xff" * 900_000),)
        ),  # its error message would quote all of it
        Odd(word.encode(), now),  # the same
        Odd(good[3], -500_000_000_000_000_000),  # 15 million years before Christ
        Odd(good[4], now),
    )

    with worker(broker.bootstrap, tmp_path, port) as one:
        for records in odd[:2], odd[2:3], odd[3:4], odd[4:]:  # each at most 1 MiB
            send_batch(broker.bootstrap, MOVES.name, 0, batch_of(records))

        # 3 boxes of 20 ft: the first, the one with the odd header, and the last
        becomes("the good ones count", lambda: handled(one), {"THE": 3.0})
        letters = dead_letters(broker.bootstrap, 3)
        assert [(le.offset, le.reason, le.value) for le in letters] == [
            (2, "undecodable", good[2]),
            (3, "wrong_type", word.encode()),
            (4, "future_time", good[3]),  # compared with the record's own Kafka timestamp
        ]
        until("nothing is left", lambda: settled(one))
        done = verified(environ)
        assert done.returncode == 0, done.stdout + done.stderr
        assert one.stop() == 0


def test_amounts_periods_and_sizes_that_nothing_has_stop_no_worker(
    broker: RunningBroker, topics: Topics, tmp_path: Path
) -> None:
    topics()
    project, figure, target = (
        next(encode(event).decode() for event in EXAMPLES if isinstance(event, kind))
        for kind in (ProjectRegistered, IndicatorReported, TargetSet)
    )
    value, period = '"value":0.412', '"period":"2019"'
    bad = {
        PROJECTS.name: [project.replace("20000000000", "1e9999999")],  # 20 bn in the example
        INDICATORS.name: [
            figure.replace(period, '"period":"2025-02-31"'),
            figure.replace('"version":1', f'"version":{1 << 65}'),
            figure.replace(value, f'"value":0.{"4" * 900_000}'),
        ],
        # with its key larger than a changelog record may be
        TARGETS.name: [target.replace("{", '{"subject":"' + "x" * 1_047_000 + '",', 1)],
    }
    with worker(broker.bootstrap, tmp_path, free_port()) as one:
        for topic, values in bad.items():
            for text in values:
                send(broker.bootstrap, [(b"k", text.encode(), 0)], topic, 2 * MIB, "lz4")
        send(broker.bootstrap, [(b"k", project.encode(), 0)], PROJECTS.name)
        send(broker.bootstrap, [(b"k", figure.encode(), 0)], INDICATORS.name)

        def shown() -> tuple[float, float]:
            yuan = sum(one.samples("project_committed_yuan").values())
            return yuan, sum(one.samples("indicator_value").values())

        becomes("the good ones are shown", shown, (20e9, 0.412))
        letters = dead_letters(broker.bootstrap, 5)
        assert Counter((le.topic, le.reason) for le in letters) == {
            (PROJECTS.name, "wrong_type"): 1,
            (INDICATORS.name, "wrong_type"): 3,
            (TARGETS.name, "too_large"): 1,
        }
        assert one.stop() == 0


PLANTED = """
import sys
from ledger.judge import Judge
from streams.__main__ import main

judge = Judge.judge

def trips(self, records):
    if any(b"move-1313" in record.value for record in records):
        raise ZeroDivisionError("planted")
    return judge(self, records)

Judge.judge = trips
sys.exit(main())
"""
"""A worker with a planted fault that one event triggers."""


def test_a_poisoned_batch_is_taken_apart_and_costs_the_one_event(
    broker: RunningBroker, topics: Topics, tmp_path: Path
) -> None:
    topics()
    at = recent()
    moves = [move(n, "THE", "22G1", at) for n in range(3_000)]
    send(
        broker.bootstrap, as_records(moves)
    )  # sent before the worker starts, so it reads them as a batch

    with worker(broker.bootstrap, tmp_path, free_port(), ("-c", PLANTED)) as one:
        # 2,999 x 20 ft = 2,999 TEU
        becomes("all others are counted", lambda: handled(one), {"THE": 2_999.0})
        [dead_letter] = dead_letters(broker.bootstrap, 1)
        assert (dead_letter.reason, dead_letter.offset) == ("unprocessable", 1313)
        assert dead_letter.error == "ZeroDivisionError: planted"
        assert one.samples("pipeline_rejected_total")[(("reason", "unprocessable"),)] == 1
        assert one.log.read_text("utf-8").count("ledger.event_poisoned") == 1
        until("nothing is left", lambda: settled(one))
        assert one.stop() == 0

    with worker(
        broker.bootstrap, tmp_path, free_port()
    ) as mended:  # the faulty event is not read again
        becomes("the books are whole", lambda: handled(mended), {"THE": 2_999.0})
        assert mended.stop() == 0


def test_a_batch_in_which_every_event_is_bad_costs_nothing_but_itself(
    broker: RunningBroker, topics: Topics, tmp_path: Path
) -> None:
    topics()
    at = recent()
    good = json.loads(encode(move(1, "THE", "22G1", at)))
    bad = [json.dumps(good | {"id": f"{n}", "time": "yesterday"}).encode() for n in range(5_000)]
    numbered = [  # a descending CloudEvents sequence, which must not change the order
        json.dumps(good | {"id": f"s{n}", "sequence": f"{9 - n}"}).encode() for n in range(3)
    ]
    same_id = [move(7, "THC", "22G1", at, source=f"/tos-{n}") for n in range(2)]

    with worker(broker.bootstrap, tmp_path, free_port()) as one:
        send(broker.bootstrap, [(b"k", value, 0) for value in (*bad, *numbered)])
        send(broker.bootstrap, as_records(same_id))  # one id, two sources: two events

        # THE 3 x 20 ft = 3 TEU, THC 2 x 20 ft = 2 TEU
        becomes("the good ones are counted", lambda: handled(one), {"THE": 3.0, "THC": 2.0})
        until("nothing is left", lambda: settled(one))
        letters = dead_letters(broker.bootstrap, len(bad))
        assert Counter(le.reason for le in letters) == {"wrong_type": 5_000}
        assert {le.value for le in letters} == set(bad)
        assert one.stop() == 0


def test_what_lies_on_another_partition_than_its_keys_is_flagged_and_told_by_the_audit(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    port = free_port()
    environ["QUAYMARK_METRICS_PORT"] = str(port)
    event = move(1, "THE", "22G1", recent())
    [(key, value, partition)] = as_records([event])

    with worker(broker.bootstrap, tmp_path, port) as one:
        # the same event by a producer with a partitioner of its own, and by one without keys
        send(broker.bootstrap, [(key, value, partition)])
        send(broker.bootstrap, [(key, value, (partition + 1) % 4), (None, value, partition)])
        until("all is read", lambda: settled(one) and handled(one))

        flagged = one.samples("pipeline_flagged_total")
        assert flagged[(("flag", "misrouted"),)] == 2
        assert "ledger.events_misrouted" in one.log.read_text("utf-8")
        done = verified(environ)
        assert done.returncode == 1
        assert "1 moves are on more than one partition and count on each" in done.stdout
        assert one.stop() == 0


def test_a_changed_partition_count_is_refused_at_the_start_with_the_way_out(
    broker: RunningBroker, topics: Topics, tmp_path: Path
) -> None:
    topics(*(Topic(MOVES.name, MOVES.key, 6) if t is MOVES else t for t in TOPICS))

    refused = start_worker(broker.bootstrap, tmp_path, free_port())

    assert refused.process.wait(PATIENCE_SECONDS) == 2
    said = refused.log.read_text("utf-8")
    assert "port.moves.raw has 6 partitions, expected 4" in said
    assert "start with a new broker or folder" in said
    assert "Traceback" not in said


def test_the_256th_terminal_of_a_partition_is_refused_and_the_worker_goes_on(
    broker: RunningBroker, topics: Topics, tmp_path: Path
) -> None:
    topics()
    book = tmp_path / "wide.toml"
    text, at = (HERE / "quaymark.toml").read_text("utf-8"), recent()
    begin = text.index('[[area.terminal]]\ncode = "THC"')
    wide = "".join(
        f'[[area.terminal]]\ncode = "T{n:03}"\nname = {{ zh = "码头", en = "T{n:03}" }}\n\n'
        for n in range(300)
    )
    book.write_text(text[:begin] + wide + text[begin:], "utf-8")
    moves = [encode(move(n, f"T{n:03}", "22G1", at)) for n in range(300)]

    with worker(broker.bootstrap, tmp_path, free_port(), book=str(book)) as one:
        # key k: partition 0 holds them all
        send(broker.bootstrap, [(b"k", value, 0) for value in moves])

        # a ledger holds 255 places: T000 to T254, 1 TEU each; 45 are refused
        counted = {f"T{n:03}": 1.0 for n in range(255)}
        becomes("255 terminals count", lambda: handled(one), counted)
        letters = dead_letters(broker.bootstrap, 45)
        assert {le.reason for le in letters} == {"limit_reached"}
        assert "raise the partitions" in letters[0].error
        send(broker.bootstrap, [(b"k", encode(move(900, "T000", "45G1", at)), 0)])
        becomes("it goes on", lambda: handled(one), counted | {"T000": 3.0})
        assert one.stop() == 0
