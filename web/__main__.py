"""The entry point of the web page: `python -m web` answers until SIGTERM or SIGINT.

The exit code is 2 for a mistake of the user's, 1 for every other failure.
"""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import structlog
from aiohttp import web

from access.asyncio_server import GuardedSite
from broker.connection import Connection, check_login
from contract.book import read_book
from contract.errors import Misconfigured, QuaymarkError, StackError
from contract.settings import Settings
from stack.context import text_of
from stack.reporting.report_store import ReportStore
from web.figures.refresher import Refresher
from web.server.figure_pages import FigurePages
from web.server.find_pages import FindPages
from web.server.guard import HostGuard
from web.server.issued_files import IssuedFiles
from web.server.page_server import PageServer
from web.server.register_source import RegisterSource

log = structlog.get_logger("web")


async def serve(settings: Settings) -> None:
    """Answer requests, while figures are gathered in the background.

    Raises:
        StackError: the port is in use, or the gathering has failed for good.
        Misconfigured: Kafka refuses the login.
    """
    book = read_book(text_of(settings.book, "QUAYMARK_BOOK"), settings.book)
    names = tuple(settings.web_names.split(",")) if settings.web_names else ()
    await check_login(Connection.of(settings))
    site = GuardedSite(settings.http_access)
    newest, over = Refresher(settings, book, _now), asyncio.Event()
    loop = asyncio.get_running_loop()

    def ended() -> None:
        loop.call_soon_threadsafe(over.set)

    newest.ended = ended
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    issued = IssuedFiles(ReportStore(Path(settings.reports_folder)))
    server = PageServer(newest, HostGuard(settings.web_host, names), _now, issued)
    newest.prepare = server.prepare
    application = server.application(site.middleware())
    register = RegisterSource(Path(settings.register_folder), book, newest, _now)
    FigurePages(register).add_to(application)
    FindPages(register).add_to(application)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await _listen(site, runner, settings)
        newest.start()
        await over.wait()
    finally:
        newest.stop()
        await runner.cleanup()
    if newest.fault is not None:
        raise newest.fault


async def _listen(site: GuardedSite, runner: web.AppRunner, settings: Settings) -> None:
    host, port = settings.web_host, settings.web_port
    try:
        await site.listen(runner, host, port)
    except OSError as error:
        raise StackError(
            f"{host}:{port}: {error.strerror}; change QUAYMARK_WEB_HOST or _PORT"
        ) from None
    log.info("web.listened", host=host, port=port)


def main() -> None:
    """Answer until a signal arrives."""
    try:
        settings = Settings.from_env(os.environ)  # noqa: TID251  # the entry point reads it
        asyncio.run(serve(settings))
    except QuaymarkError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(2 if isinstance(error, Misconfigured) else 1)


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # and the clock


if __name__ == "__main__":
    main()
