import asyncio
from typing import Any

import pytest
import uvloop
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

from streams import torn


def test_a_send_into_a_torn_connection_is_told_as_a_broken_connection() -> None:
    async def go() -> None:
        server = await asyncio.start_server(lambda _, far: far.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        connection: Any = torn._Connection("127.0.0.1", port)
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
