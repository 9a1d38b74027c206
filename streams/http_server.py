"""The worker's HTTP server: /metrics, /livez (the loop runs), /readyz (recovered, assigned)."""

from collections.abc import Callable
from typing import Any

from aiohttp import web
from mode import Service
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

__all__ = ["HttpServer"]


class HttpServer(Service):
    """The HTTP server; it starts before Kafka answers, so that /readyz shows the waiting."""

    def __init__(
        self,
        host: str,
        port: int,
        registry: CollectorRegistry,
        state: Callable[[], str],
    ) -> None:
        super().__init__()
        self._host, self._port, self._registry, self._state = host, port, registry, state
        self._runner: web.AppRunner | None = None

    async def on_start(self) -> None:
        """Listen.

        Raises:
            OSError: the port is in use.
        """
        site = web.Application()
        site.add_routes(
            [
                web.get("/metrics", self._metrics),
                web.get("/livez", self._livez),
                web.get("/readyz", self._readyz),
            ]
        )
        self._runner = web.AppRunner(site, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()

    async def on_stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _metrics(self, request: web.Request) -> web.Response:
        """Answer with all series or those of `name[]`, as the Prometheus client's server does."""
        registry: Any = self._registry
        if names := request.query.getall("name[]", None):
            registry = registry.restricted_registry(names)
        return web.Response(
            body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    async def _livez(self, _: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _readyz(self, _: web.Request) -> web.Response:
        state = self._state()
        return web.Response(text=f"{state}\n", status=200 if state == "ready" else 503)
