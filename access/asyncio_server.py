"""An aiohttp application behind the TLS and the tokens of the settings."""

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from access.request_guard import RequestGuard
from access.server_tls import ServerTls
from contract.http.access import HttpAccess


class GuardedSite:
    """What an application needs to be served: a middleware, and `listen`."""

    def __init__(self, access: HttpAccess, own_login: tuple[str, ...] = ()) -> None:
        """Read the files of the settings.

        Raises:
            Misconfigured: a file can't be read, or is not what its setting asks for.
        """
        self._guard = RequestGuard(access, own_login)
        self._tls = ServerTls(access) if access.tls_cert_file else None

    def middleware(self) -> Middleware:
        """Return the middleware that refuses requests, and answers /livez."""

        @web.middleware
        async def admitted(request: web.Request, handler: Handler) -> web.StreamResponse:
            transport = request.transport
            refused = self._guard.refusal(
                request.method,
                request.path,
                request.headers.get("Authorization", ""),
                has_certificate=bool(transport and transport.get_extra_info("peercert")),
            )
            if refused is not None:
                return web.Response(
                    status=refused.status,
                    text=f"{refused.said}\n",
                    headers={"WWW-Authenticate": "Bearer"} if refused.status == 401 else None,
                )
            if request.path == "/livez":
                return web.Response(text="alive\n")
            return await handler(request)

        return admitted

    async def listen(self, runner: web.AppRunner, host: str, port: int) -> None:
        """Listen; a log line says if others than this machine may ask.

        Raises:
            OSError: the port is in use.
        """
        self._guard.warn_if_open(host, port)
        context = self._tls.listening if self._tls else None
        await web.TCPSite(runner, host, port, ssl_context=context).start()
