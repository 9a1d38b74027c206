"""Where history ends: at the first scraped sample, and before Prometheus's samples in memory."""

from math import floor
from pathlib import Path

from msgspec.structs import replace

from kpis.pipeline import JOB, RUN_JOB
from stack.backfill.block_swap import selectors
from stack.backfill.blocks import blocks_in
from stack.backfill.manifest import History
from stack.backfill.prometheus_api import HEAD_MIN, Prometheus

SCRAPED = '{__name__=~"up|ALERTS_FOR_STATE"}'  # written by each scrape and rule, never by history


def head_begins(server: Prometheus, now: float) -> float:
    """Return the time of the oldest sample in memory (Prometheus calls it the head).

    A block that reaches beyond it would make Prometheus drop those samples.  The metric is a lower
    bound: after a start it is the end of the blocks, though the samples may begin much later.  An
    empty head reports the end of time.
    """
    held = server.metric(HEAD_MIN)
    if held >= now:
        return now
    first = server.first_sample(SCRAPED, held + 0.001, now)
    return now if first is None else max(held, first)


def with_live_since(
    server: Prometheus, data: Path, history: History, run: str, now: float
) -> History:
    """Return the history with the time of its first scraped sample, once there is one."""
    if history.live_since is not None:
        return history
    oldest = min((block.minTime / 1000 for block in blocks_in(data)), default=now)
    begin = min(oldest, head_begins(server, now)) - 1
    if history.windows:
        begin = history.windows[-1].end
    selector = selectors(run)[0].replace("{", f'{{job="{RUN_JOB if run else JOB}",', 1)
    first = server.first_sample(selector, begin, now)
    return replace(history, live_since=None if first is None else float(floor(first)))
