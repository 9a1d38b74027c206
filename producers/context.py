"""The context of every producer command: settings, book, clock, log, and a clean stop."""

import asyncio
import logging
import signal
import sys
import time
from collections.abc import Coroutine
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import structlog
from msgspec import Struct

from contract.book import Book
from contract.errors import Misconfigured
from contract.settings import Settings


class ProducerContext(Struct, frozen=True):
    """The settings, the book and the clock that each command receives (`@click.pass_obj`)."""

    settings: Settings
    book: Book

    def now(self) -> datetime:
        """Return the current time in UTC; nothing else in this package reads the clock."""
        return datetime.fromtimestamp(time.time(), UTC)  # noqa: TID251 - the only clock

    def today(self) -> date:
        """Return the current day in the port's zone."""
        return self.now().astimezone(self.book.tz).date()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work that ends by itself; a signal ends it early with exit code 128 + its number.

        Work that a signal ends is cancelled, so that its sender still sends the events that it
        accepted.
        """
        if (number := asyncio.run(_until_signalled(work))) is not None:
            raise SystemExit(128 + number)

    def serve(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work until a signal arrives, which is its normal end."""
        asyncio.run(_until_signalled(work))


def configure_log(settings: Settings) -> None:
    """Log to stderr, with libraries: readable text on a terminal, otherwise JSON lines."""
    level = logging.getLevelNamesMapping()[settings.log.upper()]
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    plain = sys.stderr.isatty()
    renderer = structlog.dev.ConsoleRenderer() if plain else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *([] if plain else [structlog.processors.format_exc_info]),
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [lines]
    root.setLevel(level)
    # aiokafka logs each attempt to reach a broker that is down; the sender logs it once
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    logging.getLogger("aiokafka.producer.sender").setLevel(logging.WARNING)


def text_of(path: str) -> str:
    """Return the text of a configuration file.

    Raises:
        Misconfigured: the file can't be read.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise Misconfigured(f"{path}: {reason}, expected a readable TOML file") from None


async def _until_signalled(work: Coroutine[Any, Any, None]) -> int | None:
    """Run `work`; return the number of the signal that ended it, None if it ended by itself."""
    task = asyncio.ensure_future(work)
    caught: list[int] = []

    def stop(number: int) -> None:
        caught.append(number)
        task.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)
    try:
        await task
    except asyncio.CancelledError:
        if not caught:
            raise
    return caught[0] if caught else None
