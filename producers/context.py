"""What every command shares: settings, book, clock, log, and a clean stop on a signal."""

import asyncio
import logging
import signal
import sys
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from msgspec import Struct

from contract.book import Book
from contract.errors import Misconfigured
from contract.settings import Settings


class ProducerContext(Struct, frozen=True):
    """What a command is handed by the door: `@click.pass_obj`."""

    settings: Settings
    book: Book

    def now(self) -> datetime:
        """The moment, in UTC: the only clock in this room."""
        return datetime.fromtimestamp(time.time(), UTC)  # noqa: TID251 - the door's clock

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Do work that ends by itself; a signal cuts it short, exit code 128 + its number.

        Work cut short is cancelled, so that its sender still sends what it accepted.
        """
        if (number := asyncio.run(_until_signalled(work))) is not None:
            raise SystemExit(128 + number)

    def serve(self, work: Coroutine[Any, Any, None]) -> None:
        """Do work that goes on until a signal comes, which is its normal end."""
        asyncio.run(_until_signalled(work))


def configure_log(settings: Settings) -> None:
    """Log to stderr, libraries too: for people on a terminal, else a JSON object a line."""
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
    # aiokafka tells of every look for a broker that is not there; the sender says it once, itself
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    logging.getLogger("aiokafka.producer.sender").setLevel(logging.WARNING)


def text_of(path: str) -> str:
    """The text of a file of the user's.

    Raises:
        Misconfigured: it can't be read.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise Misconfigured(f"{path}: {reason}, expected a readable TOML file") from None


async def _until_signalled(work: Coroutine[Any, Any, None]) -> int | None:
    """The number of the signal that ended `work`, None if it ended by itself."""
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
