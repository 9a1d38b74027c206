"""Waiting until a real Prometheus has scraped workers that have no lag left."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from contract.errors import StackError
from kpis.pipeline import LAG, READY
from stack.backfill.caught_up import wait_until_read
from stack.backfill.prometheus_api import Prometheus
from tests.integration.support.prometheus_server import Page, Server, running
from tests.integration.support.workers import until


def shows(waiting: tuple[int, int], ready: int) -> str:
    """Return a worker's /metrics: the lag of its two partitions, and whether it is ready."""
    lags = "".join(
        f'{LAG.name}{{topic="port.moves.raw",partition="{n}"}} {events}\n'
        for n, events in enumerate(waiting)
    )
    return f"{lags}{READY.name} {ready}\n"


def now() -> float:
    return time.time()  # noqa: TID251  # a test is a door


@pytest.fixture
def page() -> Iterator[Page]:
    made = Page()
    yield made
    made.server.shutdown()


@pytest.fixture
def server(tmp_path: Path, page: Page) -> Iterator[Server]:
    with running(tmp_path, page) as one:
        yield one


def test_it_waits_for_every_partition_to_be_empty_once_and_for_workers_to_be_ready(
    server: Server, page: Page
) -> None:
    def seen(text: str) -> bool:
        """Whether Prometheus has scraped this page."""
        page.text = text
        shown = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
                 for line in text.splitlines()}  # fmt: skip
        return all(server.value(series, now()) == value for series, value in shown.items())

    page.text = shows((0, 0), 1)  # scraped before the wait began: it must not count
    until("it was scraped", partial(seen, page.text))
    until("the year is", partial(seen, shows((5, 700), 1)))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait_until_read, Prometheus(server.url), now)
        for text in (shows((5, 700), 1), shows((0, 700), 1), shows((3, 0), 0)):
            # each partition had no lag once, but the worker is not ready
            until("it is scraped", partial(seen, text))
            assert not waiting.done()
        page.text = shows((2, 1), 1)  # live events arrive meanwhile
        waiting.result(30)


def test_without_a_worker_it_says_where_to_look(server: Server, page: Page) -> None:
    with pytest.raises(StackError, match="its page Targets says whether it scrapes one"):
        wait_until_read(Prometheus(server.url), now, seconds=3)
