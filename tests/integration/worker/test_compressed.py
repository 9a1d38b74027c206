"""Compressed batches of every codec: valid events count, bad ones become dead letters."""

from pathlib import Path

import pytest

from contract.topics import MOVES
from contract.wire import encode
from tests.integration.support.commands import verified
from tests.integration.support.known_moves import dead_letters, handled, settled
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker, Topics
from tests.integration.support.workers import becomes, move, recent, send, until, worker

pytestmark = pytest.mark.kafka

CODECS = ("gzip", "snappy", "lz4", "zstd", None)
BAD = 37  # index of the bad one in the 100 records of each codec


def test_every_codec_of_kafka_is_read(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    port = free_port()
    environ["QUAYMARK_METRICS_PORT"] = str(port)
    at = recent()
    for turn, codec in enumerate(CODECS):
        values = [encode(move(100 * turn + n, "THE", "22G1", at)) for n in range(100)]
        values[BAD] = b'{"bad": "' + str(codec).encode() + b'"}'
        records = [(b"/tonghai/THE", value, 0) for value in values]
        send(broker.bootstrap, records, MOVES.name, compression=codec)

    with worker(broker.bootstrap, tmp_path, port) as one:
        # 5 codecs, 100 boxes of 20 ft each but for the bad one: 5 x 99 TEU
        becomes("all good ones count", lambda: handled(one), {"THE": 495.0})
        letters = dead_letters(broker.bootstrap, len(CODECS))
        assert [(letter.offset, letter.value) for letter in letters] == [
            (100 * turn + BAD, b'{"bad": "' + str(codec).encode() + b'"}')
            for turn, codec in enumerate(CODECS)
        ]
        until("nothing is left to read", lambda: settled(one))
        done = verified(environ)
        assert done.returncode == 0, done.stdout + done.stderr
        assert one.stop() == 0
