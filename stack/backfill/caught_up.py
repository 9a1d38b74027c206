"""Waiting, by Prometheus's samples, until the workers have caught up."""

import time
from collections.abc import Callable

from contract.errors import StackError
from kpis.pipeline import LAG, READY
from stack.backfill.prometheus_api import Prometheus

READ_SECONDS = 3600.0  # two simulated years take five minutes on a busy machine
POLL_SECONDS = 2.0


def wait_until_read(
    server: Prometheus, now: Callable[[], float], seconds: float = READ_SECONDS
) -> None:
    """Return once all workers are ready and every partition had a lag of 0 since this call.

    A live partition has a lag of 0 at some scrapes only, so the least lag since the call counts.

    Raises:
        StackError: that does not happen within `seconds`.
    """
    asked, deadline = now(), time.monotonic() + seconds
    while not _is_read(server, asked, now()):
        if time.monotonic() > deadline:
            raise StackError(
                f"after {seconds:.0f} s {server.url} shows no worker that has caught up: its page "
                "Targets says whether it scrapes one, the worker's log says why it is behind"
            )
        time.sleep(POLL_SECONDS)


def _is_read(server: Prometheus, asked: float, now: float) -> bool:
    if (seconds := int(now - asked)) < 1:
        return False
    window = f"[{seconds}s]"  # excludes samples from before the call
    waiting = server.query(f"max(min_over_time({LAG.live()}{window}))", now)
    ready = server.query(f"min(last_over_time({READY.live()}{window}))", now)
    return [*waiting.values(), *ready.values()] == [0.0, 1.0]
