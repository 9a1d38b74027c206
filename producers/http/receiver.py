"""The HTTP receiver: POST /events, /healthz and /metrics."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus

import msgspec
import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from contract.book import NO_PARTNER, UNKNOWN_PARTNER, Partner
from contract.errors import Misconfigured, Rejected
from producers.http.bearer_token import BearerTokens
from producers.http.delivery import Delivery, KafkaAway
from producers.http.posted import TAKEN, UnsupportedMediaType, posted
from producers.http.receiver_metrics import CONTENT_TYPE, ReceiverMetrics, RequestOutcome
from producers.importing.run import Import
from producers.importing.summary import as_json

EVENTS = "/events"
BODY_SECONDS = 30.0  # for a body to arrive; a sender that is slower holds a connection for nothing
RETRY_AFTER_SECONDS = 10

_OUTCOMES = {
    HTTPStatus.UNAUTHORIZED: RequestOutcome.UNAUTHORIZED,
    HTTPStatus.SERVICE_UNAVAILABLE: RequestOutcome.UNAVAILABLE,
}

log = structlog.get_logger(__name__)


class RequestRefused(Exception):
    """A request that is answered with an error, and nothing of it is taken."""

    def __init__(self, status: HTTPStatus, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message
        self.outcome = _OUTCOMES.get(status, RequestOutcome.REFUSED)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class HttpReceiver:
    """Answers requests; `application` is what a server runs."""

    def __init__(
        self,
        delivery: Delivery,
        tokens: BearerTokens,
        largest_bytes: int,
        failed: Callable[[], None],
        partners: tuple[Partner, ...] = (),
    ) -> None:
        """`failed` is called when the delivery has failed for good."""
        self._delivery, self._tokens, self._largest = delivery, tokens, largest_bytes
        self._failed = failed
        self._partners = {partner.name: partner for partner in partners}
        self._metrics = ReceiverMetrics(self._partners)

    def application(self, *inner: Middleware) -> web.Application:
        """Return the application of aiohttp."""
        application = web.Application(client_max_size=self._largest + 1, middlewares=inner)
        application.add_routes(
            [
                web.post(EVENTS, self._events),
                web.get("/healthz", self._healthz),
                web.get("/metrics", self._exposition),
            ]
        )
        return application

    async def _events(self, request: web.Request) -> web.Response:
        """Answer a request as an import ends: 200 if everything is in, 207 if some was refused."""
        partner = UNKNOWN_PARTNER
        try:
            partner = self._partner(request)
            run = await self._imported(request, partner)
        except RequestRefused as refused:
            self._metrics.answered(partner, refused.outcome)
            log.info(
                "receiver.refused",
                partner=partner,
                status=int(refused.status),
                why=refused.message,
            )
            return web.json_response(
                {"error": refused.message}, status=refused.status, headers=refused.headers
            )
        self._metrics.taken(partner, run.tally)
        self._metrics.answered(partner, _outcome(run))
        status = HTTPStatus.MULTI_STATUS if run.tally.rejected.total() else HTTPStatus.OK
        return web.Response(
            body=msgspec.json.format(as_json(run.tally, sent=run.sent, dry_run=False), indent=2),
            status=status,
            content_type="application/json",
        )

    async def _imported(self, request: web.Request, partner: str) -> Import:
        body = await self._body(request)
        try:
            found = posted(request.headers.items(), body)
        except UnsupportedMediaType as error:
            raise RequestRefused(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error), Accept=", ".join(TAKEN)
            ) from None
        except Rejected as rejected:
            raise RequestRefused(HTTPStatus.BAD_REQUEST, str(rejected)) from None
        try:
            sender = (request.remote or "?") + (f" ({partner})" if partner != NO_PARTNER else "")
            return await self._delivery.deliver(found, sender, self._partners.get(partner))
        except KafkaAway:
            if self._delivery.failure is not None:
                self._failed()
            raise RequestRefused(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "Kafka takes no events now; post the same again later, each event counts once",
                Retry_After=str(RETRY_AFTER_SECONDS),
            ) from None

    def _partner(self, request: web.Request) -> str:
        """Return whose token a request bears."""
        try:
            partner = self._tokens.bearer(request.headers.get("Authorization", ""))
        except Misconfigured as error:
            log.error("receiver.no_token", error=str(error))
            raise RequestRefused(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "the receiver's token file can't be read; tell its operator",
                Retry_After=str(RETRY_AFTER_SECONDS),
            ) from None
        if partner is None:
            raise RequestRefused(
                HTTPStatus.UNAUTHORIZED,
                "expected the header `Authorization: Bearer TOKEN` with a valid token",
                WWW_Authenticate='Bearer realm="quaymark"',
            )
        return partner

    async def _body(self, request: web.Request) -> bytes:
        too_large = RequestRefused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"the body has more than {self._largest:,} bytes; post fewer events at once",
        )
        if (request.content_length or 0) > self._largest:
            raise too_large
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await request.read()
        except web.HTTPRequestEntityTooLarge:
            raise too_large from None
        except TimeoutError:
            raise RequestRefused(
                HTTPStatus.REQUEST_TIMEOUT,
                f"the body did not arrive within {BODY_SECONDS:.0f} s",
            ) from None

    async def _healthz(self, _: web.Request) -> web.Response:
        if await self._delivery.is_ready():
            return web.Response(text="ready\n")
        return web.Response(text="no Kafka\n", status=HTTPStatus.SERVICE_UNAVAILABLE)

    async def _exposition(self, _: web.Request) -> web.Response:
        headers = {"Content-Type": CONTENT_TYPE}
        return web.Response(body=self._metrics.exposition(), headers=headers)


def _outcome(run: Import) -> RequestOutcome:
    refused, records = run.tally.rejected.total(), run.tally.records
    if refused:
        return RequestOutcome.FAILED if refused == records else RequestOutcome.PARTLY
    return RequestOutcome.DONE
