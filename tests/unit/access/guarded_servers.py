"""Both kinds of HTTP server behind the same settings, each with a page and a path for posts."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

from aiohttp import web

from access.asyncio_server import GuardedSite
from access.threaded_server import GuardedRequests, serve_guarded
from contract.http.access import HttpAccess

PAGE = "# an empty exposition\n"


@contextmanager
def threaded(access: HttpAccess) -> Iterator[str]:
    """Run the server in threads; yield its address."""

    class Handler(GuardedRequests):
        def do_GET(self) -> None:
            self.answer(200, PAGE.encode())

        def do_POST(self) -> None:
            self.answer(200, b"posted\n")

    port = serve_guarded(Handler, access, "127.0.0.1", 0, own_login=("/events",))
    yield f"127.0.0.1:{port}"


@contextmanager
def in_a_loop(access: HttpAccess) -> Iterator[str]:
    """Run the server of aiohttp; yield its address."""
    guarded = GuardedSite(access, own_login=("/events",))
    loop = asyncio.new_event_loop()

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=PAGE)

    async def begin() -> web.AppRunner:
        application = web.Application(middlewares=[guarded.middleware()])
        application.add_routes([web.get("/{path:.*}", page), web.post("/events", page)])
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await guarded.listen(runner, "127.0.0.1", 0)
        return runner

    runner = loop.run_until_complete(begin())
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{runner.addresses[0][1]}"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


SERVERS: tuple[Callable[[HttpAccess], object], ...] = (threaded, in_a_loop)
