"""What holds for every request: the host names it may use, and the headers of its answer.

A page of another site whose name is made to point here (DNS rebinding) is answered with nothing:
its requests name that site as their host.
"""

from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from contract.errors import Misconfigured

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Server": "quaymark",
}
LOOPBACK_NAMES = frozenset(("localhost", "127.0.0.1", "::1"))


class HostGuard:
    """Answers only requests for known host names; their port does not matter, as of a tunnel."""

    def __init__(self, host: str, names: tuple[str, ...]) -> None:
        """`host` is the address on which the server listens, `names` are further names of it."""
        given = {name.strip().lower() for name in (host, *names)}
        self._known = LOOPBACK_NAMES | (given - {"", "0.0.0.0", "::"})

    def admits(self, header: str) -> bool:
        """Return whether the header Host of a request names this server."""
        return _name(header) in self._known

    def middleware(self) -> Middleware:
        """Return the middleware of aiohttp that checks each request and sets the headers."""

        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            answer = await self._answer(request, handler)
            answer.headers.update(HEADERS)
            return answer

        return guarded

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self.admits(request.headers.get("Host", "")):
            return _plain(
                HTTPStatus.MISDIRECTED_REQUEST,
                "this name is not one of this page; QUAYMARK_WEB_NAMES lists those beyond "
                "localhost",
            )
        try:
            return await handler(request)
        except Misconfigured as error:
            return _plain(HTTPStatus.BAD_REQUEST, str(error))
        except web.HTTPException as error:
            answer = _plain(HTTPStatus(error.status), error.text or error.reason)
            if "Allow" in error.headers:
                answer.headers["Allow"] = error.headers["Allow"]
            return answer


def _name(header: str) -> str:
    """The name in a header Host, without its port: `[::1]:6080` is `::1`."""
    header = header.strip().lower()
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0].removesuffix(".")


def _plain(status: HTTPStatus, said: str) -> web.Response:
    return web.Response(status=status, text=f"{said}\n")
