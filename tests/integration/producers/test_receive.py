"""Events posted over HTTP are counted once, though Kafka dies while they come."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import msgspec
import pytest

from contract.events import Mode, TransportCall
from contract.wire import encode
from tests.integration.support.commands import run
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker, Topics
from tests.integration.support.workers import HERE, becomes, move, recent, until, worker

pytestmark = pytest.mark.kafka

TOKEN = "0123456789abcdef0123456789abcdef"
AT = recent(1)


@contextmanager
def receiving(environ: dict[str, str], folder: Path) -> Iterator[int]:
    """A running receiver; yields its port."""
    port = free_port()
    (folder / "tokens").write_text(f"{TOKEN}\n")
    own = {"RECEIVE_PORT": str(port), "RECEIVE_TOKEN_FILE": str(folder / "tokens")}
    with (folder / "receive.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "producers", "receive"],
            cwd=HERE,
            env=environ | {f"QUAYMARK_{name}": value for name, value in own.items()},
            stderr=log,
        )
    try:
        until("it takes events", lambda: healthy(port))
        yield port
        process.terminate()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()


def healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
            return bool(answer.status == 200)
    except HTTPError as error:
        error.close()
        return False


def post(
    port: int, body: bytes, content_type: str
) -> tuple[int, dict[str, Any], Mapping[str, str]]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/events",
        data=body,
        headers={"Content-Type": content_type, "Authorization": f"Bearer {TOKEN}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read()), dict(answer.headers)
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read()), dict(error.headers)


def batch(first: int, number: int, at: datetime) -> bytes:
    """Full 20 ft containers discharged from ships at THE: 1 TEU each."""
    call = TransportCall(modeOfTransport=Mode.VESSEL)
    moves = [move(n, "THE", "22G1", at, transportCall=call) for n in range(first, first + number)]
    return b"[" + b",".join(map(encode, moves)) + b"]"


def test_posted_events_are_counted_once_though_kafka_dies_between(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    kind = "application/cloudevents-batch+json"
    with receiving(environ, tmp_path) as port:
        status, summary, _ = post(port, batch(0, 100, AT), kind)
        assert (status, summary["counted"], summary["teu"]) == (200, 100, 100.0)
        broken = msgspec.json.encode([{"specversion": "1.0", "type": "port.container.moved.v1"}])
        assert post(port, broken, kind)[0] == 207

        broker.kill()
        try:
            status, _, headers = post(port, batch(100, 50, AT), kind)
            assert (status, headers["Retry-After"]) == (503, "10")
            assert not healthy(port)
        finally:
            broker.start()
        until("Kafka is back", lambda: healthy(port))
        assert post(port, batch(100, 50, AT), kind)[0] == 200  # the sender comes again
        assert post(port, batch(0, 100, AT), kind)[0] == 200  # and once more with all

    letters = run(environ, "rejected", "show", "0", room="producers")
    assert "POST /events" in letters.stdout, letters
    with worker(broker.bootstrap, tmp_path, free_port()) as one:
        # 100 and 50 moves, each of 1 TEU, however often they were posted.
        becomes(
            "each move counts once",
            lambda: sum(one.samples("port_throughput_ytd_teu").values()),
            150.0,
        )
