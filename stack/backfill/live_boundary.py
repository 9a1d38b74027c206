"""The seam: since when series are scraped, and how far back Prometheus's memory reaches."""

from math import floor
from pathlib import Path

from msgspec.structs import replace

from kpis.pipeline import JOB, RUN_JOB
from stack.backfill.block_swap import selectors
from stack.backfill.blocks import blocks_in
from stack.backfill.manifest import History
from stack.backfill.prometheus_api import HEAD_MIN, Prometheus

SCRAPED = '{__name__=~"up|ALERTS_FOR_STATE"}'  # with each scrape and rule, and never in history


def head_begins(server: Prometheus, now: float) -> float:
    """The oldest sample in memory: a block that reached beyond would cost all of those.

    What Prometheus says is a lower bound: after a start, where its blocks end, though its samples
    may begin much later.  An empty head says the end of time.
    """
    held = server.metric(HEAD_MIN)
    if held >= now:
        return now
    first = server.first_sample(SCRAPED, held + 0.001, now)
    return now if first is None else max(held, first)


def with_live_since(
    server: Prometheus, data: Path, history: History, run: str, now: float
) -> History:
    """Since when the series are scraped; looked for until it is found, then kept."""
    if history.live_since is not None:
        return history
    oldest = min((block.minTime / 1000 for block in blocks_in(data)), default=now)
    begin = min(oldest, head_begins(server, now)) - 1
    if history.windows:
        begin = history.windows[-1].end
    selector = selectors(run)[0].replace("{", f'{{job="{RUN_JOB if run else JOB}",', 1)
    first = server.first_sample(selector, begin, now)
    return replace(history, live_since=None if first is None else float(floor(first)))
