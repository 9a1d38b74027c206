"""The worker's HTTP server: /metrics, /livez (the loop runs), /readyz (recovered, assigned)."""

from collections.abc import Callable
from typing import Any

from aiohttp import web
from mode import Service
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from access.asyncio_server import GuardedSite
from contract.settings import Settings

__all__ = ["HttpServer"]


class HttpServer(Service):
    """The HTTP server; it starts before Kafka answers, so that /readyz shows the waiting."""

    def __init__(
        self,
        settings: Settings,
        registry: CollectorRegistry,
        state: Callable[[], str],
    ) -> None:
        """Read the files of TLS and of the token.

        Raises:
            Misconfigured: a file can't be read, or is not what its setting asks for.
        """
        super().__init__()
        self._settings, self._registry, self._state = settings, registry, state
        self._guarded = GuardedSite(settings.http_access)
        self._runner: web.AppRunner | None = None

    async def on_start(self) -> None:
        """Listen.

        Raises:
            OSError: the port is in use.
        """
        site = web.Application(middlewares=[self._guarded.middleware()])
        site.add_routes([web.get("/metrics", self._metrics), web.get("/readyz", self._readyz)])
        self._runner = web.AppRunner(site, access_log=None)
        await self._runner.setup()
        settings = self._settings
        await self._guarded.listen(self._runner, settings.metrics_host, settings.metrics_port)

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

    async def _readyz(self, _: web.Request) -> web.Response:
        state = self._state()
        return web.Response(text=f"{state}\n", status=200 if state == "ready" else 503)
