"""The workers of the chosen run, or the live ones, as PromQL: event rates, lag and latency."""

from contract.topics import MOVES
from dashboards.queries.external import STARTED, UP
from dashboards.queries.promql import of_live, select
from kpis import pipeline
from kpis.model.kpi import Series
from kpis.pipeline import JOB, RUN_JOB, Meter
from kpis.port import handled
from kpis.port.throughput import THROUGHPUT

RATE = "$__rate_interval"
"""The window of a curve, which grows with its step."""
PRESENT = "2m"
"""The window of a figure, whatever the time range of the board."""
HOLD = "2m"
"""Bridges a missed scrape and no more, since the board shows the present."""
SHARE_WINDOW = "15m"
"""A window long enough for a meaningful share of rejects on a quiet night."""


def process(series: Series) -> str:
    """Return a selector of a series that scraping adds for each worker."""
    return select(series, job=f"~{JOB}|{RUN_JOB}")


def workers() -> str:
    """1 for each worker that answers its scrapes, 0 for each that does not."""
    return process(UP)


def known() -> str:
    """1 where a worker was to be scraped within the last week, be it up or down, else nothing.

    In a range before the first start nothing is known of workers: neither healthy nor down.
    """
    return f"group(last_over_time({workers()}[7d]))"


def gauge(meter: Meter, **labels: str) -> str:
    """A gauge of each worker, held over a missed scrape."""
    return f"last_over_time({select(meter.series, **labels)}[{HOLD}])"


def rate(meter: Meter, window: str = RATE) -> str:
    """The rate of a counter, of each worker; a restart does not make it fall."""
    return f"rate({select(meter.series)}[{window}])"


def events(window: str = RATE) -> str:
    """Events read a second, by all workers and from all topics."""
    return f"sum({rate(pipeline.EVENTS, window)})"


def lag() -> str:
    """The lag by partition; while a partition moves, two workers may export it."""
    return f"max by (topic, partition) ({gauge(pipeline.LAG)})"


def latency(quantile: float, window: str = RATE) -> str:
    """A quantile of the seconds from Kafka to the books, of live workers alone.

    The events of a run were sent long ago, so their latency says nothing.
    """
    buckets = of_live(pipeline.LATENCY.buckets)
    return f"histogram_quantile({quantile}, sum by (le) (rate({buckets}[{window}]))) >= 0"


def age() -> str:
    """Seconds since the newest move happened; a run replays the past, so it has no such age.

    After a start, what a worker reads first may be late; its books know the newest one.
    """
    read = of_live(pipeline.LAST_EVENT.series, topic=MOVES.name)
    booked = of_live(THROUGHPUT[handled.as_of].series)
    return f"time() - max(last_over_time({read}[{HOLD}]) or last_over_time({booked}[{HOLD}]))"


def rejected_share() -> str:
    """Rejected events as a share of those read."""
    rejected = f"sum({rate(pipeline.REJECTED, SHARE_WINDOW)})"
    return f"({rejected} / ({events(SHARE_WINDOW)} > 0)) or 0 * {known()}"


def rise(meter: Meter) -> str:
    """A counter's increase in the time range, of each worker.

    A worker that started within the range has counted from zero, so its counter is the increase.
    Prometheus's own `increase` lacks what came before the first scrape, and extrapolates.
    """
    counter = f"{select(meter.series)}[$__range]"
    started = f"max by (instance) (last_over_time({process(STARTED)}[$__range]))"
    is_new = f"resets({counter}) == 0 and on (instance) time() - {started} < $__range_s"
    return f"((last_over_time({counter}) and {is_new}) or increase({counter}))"


def counted(meter: Meter, label: str = "", **kinds: str) -> str:
    """A counter's increase in the time range by `kind`: a label of the meter, or a fixed value."""
    if label:
        return f'label_replace(sum by ({label}) ({rise(meter)}), "kind", "$1", "{label}", "(.+)")'
    return f'label_replace(sum({rise(meter)}), "kind", "{kinds["kind"]}", "", "")'
