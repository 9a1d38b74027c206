"""The entry point of the worker: `python -m streams` runs until SIGTERM or SIGINT."""

import asyncio
import gc
import os
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import faust
import mode.loop
import structlog

from broker.client_mends import mend_aiokafka
from broker.connection import Connection
from contract.book import read_book
from contract.errors import Misconfigured
from contract.settings import Settings
from streams.app import create_worker
from streams.http_server import HttpServer
from streams.logs import set_up_logs
from streams.memory import keep_freed_memory
from streams.startup import WaitForKafka

log = structlog.get_logger()

GC_OBJECTS = 50_000  # a batch makes thousands of objects, none of them in cycles
SWITCH_SECONDS = 0.03  # a thread keeps Python's lock so long: each switch costs a warm cache
STOP_SECONDS = 15.0  # events not committed by then are read again


def main() -> int:
    """Run a worker; returns 0 after an orderly stop, 2 for wrong settings or book, else 1."""
    try:
        settings = Settings.from_env(os.environ)  # noqa: TID251  # the entry point reads the environment
        book = read_book(Path(settings.book).read_text(encoding="utf-8"), settings.book)
        connection = Connection.of(settings)
    except (Misconfigured, OSError, UnicodeDecodeError) as error:
        print(f"quaymark worker: {error}", file=sys.stderr)  # noqa: T201  # no log is set up yet
        return 2
    set_up_logs(settings.log)
    keep_freed_memory()
    gc.freeze()
    gc.set_threshold(GC_OBJECTS, 20, 100)
    sys.setswitchinterval(SWITCH_SECONDS)
    mode.loop.use("uvloop")
    mend_aiokafka()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    worker = create_worker(settings, book, lambda: datetime.now(UTC))  # noqa: TID251  # and the clock
    worker.app.on_crash = _end_in_time
    try:
        web = HttpServer(
            settings,
            worker.registry,
            lambda: "waiting for Kafka" if waiting.waits else worker.state(),
        )
    except Misconfigured as error:
        log.critical("worker.refused_to_start", error=str(error))
        return 2
    waiting = WaitForKafka(connection, worker.changelogs, settings.group, settings.prefix)
    runner = _Runner(
        worker.app, web, waiting, loop=loop, override_logging=False, redirect_stdouts=False
    )
    runner.spinner = None  # it would write into the log
    try:
        runner.execute_from_commandline()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


class _Runner(faust.Worker):
    """A Faust worker that ends within `STOP_SECONDS` of SIGTERM, even if Kafka is gone."""

    def _on_sigterm(self) -> None:
        _end_in_time()
        super()._on_sigterm()


def _end_in_time() -> None:
    end = threading.Timer(STOP_SECONDS, os._exit, (1,))
    end.daemon = True
    end.start()


if __name__ == "__main__":
    sys.exit(main())
