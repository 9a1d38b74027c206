"""The `receive` command: takes events that other systems post over HTTP."""

import asyncio

import click
import structlog
from aiohttp import web

from access.asyncio_server import GuardedSite
from access.request_guard import is_loopback
from contract.errors import Misconfigured, StackError
from producers.context import ProducerContext
from producers.http.bearer_token import BearerTokens
from producers.http.delivery import Delivery
from producers.http.receiver import EVENTS, HttpReceiver
from producers.publish.sender import Sender

MEBIBYTE = 1 << 20

log = structlog.get_logger(__name__)


@click.command("receive")
@click.pass_obj
def command(context: ProducerContext) -> None:
    """Take events that other systems post: POST /events, until a signal.

    QUAYMARK_RECEIVE_TOKEN_FILE names the file of tokens.  It listens on loopback, unless
    QUAYMARK_RECEIVE_HOST says otherwise (docs/import.md).

    Example: QUAYMARK_RECEIVE_TOKEN_FILE=tokens python -m producers receive
    """
    settings = context.settings
    if not settings.receive_token_file:
        raise Misconfigured(
            "QUAYMARK_RECEIVE_TOKEN_FILE is not set: it names a file with a token a line, such as "
            "`openssl rand -hex 32` makes one"
        )
    tokens = BearerTokens(settings.receive_token_file, context.book.partner)
    tokens.read()
    if not (is_loopback(settings.receive_host) or settings.http_tls_cert_file):
        log.warning(
            "receiver.open_to_others",
            host=settings.receive_host,
            hint="senders' tokens travel in the clear: put a proxy with TLS before it, or set "
            "QUAYMARK_HTTP_TLS_CERT_FILE",
        )
    site = GuardedSite(settings.http_access, own_login=(EVENTS,))
    context.serve(_serve(context, tokens, site))


async def _serve(context: ProducerContext, tokens: BearerTokens, site: GuardedSite) -> None:
    """Answer requests while Kafka is looked for, and as long as its topics take events.

    Raises:
        StackError: the port is in use, or Kafka refuses events for good.
    """
    settings = context.settings
    delivery = Delivery(context.book, context.now)
    over = asyncio.Event()
    largest = settings.receive_max_megabytes * MEBIBYTE
    receiver = HttpReceiver(delivery, tokens, largest, over.set, context.book.partner)
    runner = web.AppRunner(receiver.application(site.middleware()), access_log=None)
    await runner.setup()
    try:
        host, port = settings.receive_host, settings.receive_port
        try:
            await site.listen(runner, host, port)
        except OSError as error:
            raise StackError(
                f"{host}:{port}: {error.strerror}; change QUAYMARK_RECEIVE_HOST or _PORT"
            ) from None
        log.info("receiver.listened", host=host, port=port)
        async with Sender(settings, "receive") as sender:
            delivery.connected(sender)
            await over.wait()
        if delivery.failure is not None:
            raise delivery.failure
    finally:
        await runner.cleanup()
