"""A TCP proxy before the broker that delays, throttles and resets connections."""

import asyncio
import contextlib
import socket
import struct
import threading
from types import TracebackType

CHUNK = 16_384  # bytes forwarded at once; delay and throttle apply to each chunk
LINGER_NONE = struct.pack("ii", 1, 0)  # closing sends RST instead of FIN


class BadLine:
    """Forwards one port to another, in a thread of its own."""

    def __init__(self, port: int, target: int) -> None:
        self._port, self._target = port, target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready, self._end = threading.Event(), asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self.delay_seconds = 0.0
        """The delay of each chunk."""
        self.bytes_per_second = float("inf")
        """The limit for each direction of each connection."""
        self.torn = 0
        """Number of connections reset so far."""

    def __enter__(self) -> "BadLine":
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)

    def clear(self) -> None:
        """Remove delay and throttle."""
        self.delay_seconds, self.bytes_per_second = 0.0, float("inf")

    def slow(self, delay_seconds: float, bytes_per_second: float) -> None:
        """Set delay and throttle, as on a weak mobile connection."""
        self.delay_seconds, self.bytes_per_second = delay_seconds, bytes_per_second

    def tear(self) -> None:
        """Reset every connection, whatever is in transit."""
        self._loop.call_soon_threadsafe(self._tear)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._join, "127.0.0.1", self._port)
        self._ready.set()
        await self._end.wait()
        server.close()
        self._tear()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:  # the target refuses, so the client must see a refusal as well
            _reset(writer)
            return
        ends = {writer, far_writer}
        self._writers |= ends
        try:
            with contextlib.suppress(asyncio.CancelledError):  # the proxy is stopping
                await asyncio.gather(
                    self._carry(reader, far_writer), self._carry(far_reader, writer)
                )
        finally:
            self._writers -= ends
            for end in ends:
                end.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(CHUNK):
                if late := self.delay_seconds + len(chunk) / self.bytes_per_second:
                    await asyncio.sleep(late)
                writer.write(chunk)
                await writer.drain()
        writer.close()

    def _tear(self) -> None:
        self.torn += len(self._writers) // 2
        for writer in self._writers:
            _reset(writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    line = writer.get_extra_info("socket")
    if line is not None:
        with contextlib.suppress(OSError):
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
    writer.transport.abort()
