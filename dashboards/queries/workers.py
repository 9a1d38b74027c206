"""The workers of the chosen run, or the live ones: what they read, how late, what they own."""

from contract.topics import MOVES
from dashboards.queries.external import UP
from dashboards.queries.promql import of_live, pick
from kpis import pipeline
from kpis.model.kpi import Series
from kpis.pipeline import JOB, RUN_JOB, Meter

RATE = "$__rate_interval"
HOLD = "2m"
"""Bridges a missed scrape, and no more: this board is about what is so now."""
MINUTES = "15m"
"""Long enough that a share of rejects means something on a quiet night."""


def process(series: Series) -> str:
    """A selector of what scraping itself says of each of them."""
    return pick(series, job=f"~{JOB}|{RUN_JOB}")


def workers() -> str:
    """1 or 0 for each worker: whether it answers."""
    return process(UP)


def held(meter: Meter, **labels: str) -> str:
    """A gauge of each worker, through a missed scrape."""
    return f"last_over_time({pick(meter.series, **labels)}[{HOLD}])"


def rate(meter: Meter, window: str = RATE) -> str:
    """A counter's rise a second, of each worker; a restart is no fall."""
    return f"rate({pick(meter.series)}[{window}])"


def events(window: str = RATE) -> str:
    """Events read a second, by all workers and from all topics."""
    return f"sum({rate(pipeline.EVENTS, window)})"


def lag() -> str:
    """Events that wait, by partition: while one moves, two workers may show it."""
    return f"max by (topic, partition) ({held(pipeline.LAG)})"


def latency(quantile: float) -> str:
    """Seconds within which this share of the batches was booked; a run's were sent long ago."""
    buckets = of_live(pipeline.LATENCY.buckets)
    return f"histogram_quantile({quantile}, sum by (le) (rate({buckets}[{RATE}]))) >= 0"


def age() -> str:
    """Seconds since the newest move happened; a run's moves are of the past, so it has none."""
    newest = of_live(pipeline.LAST_EVENT.series, topic=MOVES.name)
    return f"time() - max(last_over_time({newest}[{HOLD}]))"


def rejected_share() -> str:
    """Events set aside as a share of those read."""
    rejected = f"sum({rate(pipeline.REJECTED, MINUTES)})"
    return f"({rejected} / ({events(MINUTES)} > 0)) or vector(0)"


def counted(meter: Meter, label: str = "", **kinds: str) -> str:
    """How often within the range, as rows of `kind`: the meter's label, or one fixed word."""
    rise = f"increase({pick(meter.series)}[$__range])"
    if label:
        return f'label_replace(sum by ({label}) ({rise}), "kind", "$1", "{label}", "(.+)")'
    return f'label_replace(sum({rise}), "kind", "{kinds["kind"]}", "", "")'
