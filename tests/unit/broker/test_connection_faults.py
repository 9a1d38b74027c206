import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
import uvloop
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

from broker import connection_faults


def test_a_send_into_a_torn_connection_is_told_as_a_broken_connection() -> None:
    async def go() -> None:
        server = await asyncio.start_server(lambda _, far: far.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        connection: Any = connection_faults._Connection("127.0.0.1", port)
        connection._reader, connection._writer = reader, writer
        connection._versions = {3: (0, 0)}  # Kafka's number of MetadataRequest
        connection._read_task = asyncio.ensure_future(reader.read())
        writer.transport.abort()
        await connection._read_task
        try:
            with pytest.raises(KafkaConnectionError, match="broken"):
                connection.send(MetadataRequest([]))
        finally:
            server.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(go())


def test_silence_is_since_the_first_question_without_an_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(connection_faults, "time", SimpleNamespace(monotonic=lambda: now))

    async def go() -> list[float]:
        nonlocal now
        connection: Any = connection_faults._Connection("127.0.0.1", 1)
        connection._reader, connection._writer = object(), Writer()
        connection._versions = {3: (0, 0)}
        silent = [connection.silent_seconds]
        now = 160.0  # a minute of idleness is no silence
        waits = [connection.send(MetadataRequest([]))]
        silent.append(connection.silent_seconds)
        now = 167.0
        waits.append(connection.send(MetadataRequest([])))
        silent.append(connection.silent_seconds)
        for wait in waits:
            wait.close()
        connection._reader = connection._writer = None  # it would close them
        return silent

    assert asyncio.run(go()) == [0.0, 0.0, 7.0]


class Writer:
    """Takes everything."""

    def write(self, _: bytes) -> None:
        """Nothing comes back."""
