"""Waiting until the workers have read what there is, as Prometheus sees them."""

import time
from collections.abc import Callable

from contract.errors import StackError
from kpis.pipeline import LAG, READY
from stack.backfill.prometheus_api import Prometheus

READ_SECONDS = 3600.0  # two years of the story on a busy machine are five minutes
LOOK_SECONDS = 2.0


def wait_until_read(
    server: Prometheus, now: Callable[[], float], seconds: float = READ_SECONDS
) -> None:
    """Return once, since this was asked, workers were ready and no partition had events left.

    A partition that is read as it comes has nothing waiting now and then, not at every scrape.

    Raises:
        StackError: it takes too long.
    """
    asked, deadline = now(), time.monotonic() + seconds
    while not _is_read(server, asked, now()):
        if time.monotonic() > deadline:
            raise StackError(
                f"after {seconds:.0f} s {server.url} shows no worker that has read all there is: "
                "its page Targets says whether it sees one, the worker's log why it is behind"
            )
        time.sleep(LOOK_SECONDS)


def _is_read(server: Prometheus, asked: float, now: float) -> bool:
    if (seconds := int(now - asked)) < 1:
        return False
    window = f"[{seconds}s]"  # no sample of before it was asked
    waiting = server.query(f"max(min_over_time({LAG.live()}{window}))", now)
    ready = server.query(f"min(last_over_time({READY.live()}{window}))", now)
    return [*waiting.values(), *ready.values()] == [0.0, 1.0]
