"""The totals that the books show: from the workers' /metrics, or from the snapshot topic."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from audit.totals import TotalKind, TotalName, Totals, parts_of, totals
from broker.reader import TopicReading
from contract.snapshots import TerminalDay, keep_newest
from contract.topics import MOVES, TERMINAL_DAYS
from contract.wire import decode_snapshot
from kpis import pipeline
from kpis.port import handled
from kpis.port.throughput import THROUGHPUT
from stack.http_client import page
from stack.status.exposition import Exposition

_LABELS = {
    TotalKind.TEU: (handled.ytd, ()),
    TotalKind.MOVES: (handled.ytd_moves, ()),
    TotalKind.CLASS_TEU: (handled.ytd_class, ("move", "fill", "size", "kind")),
    TotalKind.UNSIZED: (handled.unsized, ()),
    TotalKind.GATE: (handled.gate, ("direction",)),
}
SERIES = {figure: (str(THROUGHPUT[of].series), labels) for figure, (of, labels) in _LABELS.items()}
"""Figure -> the series that shows it, and which of its labels make up `TotalName.of`."""


class Shown(Struct, frozen=True):
    """What the books show, and why it may not be the last word; "" if it is."""

    totals: Totals
    unsettled: str = ""


def by_workers(addresses: Sequence[str]) -> Shown:
    """The totals that the workers at these addresses (host:port) show together."""
    return together({address: page(f"http://{address}/metrics") for address in addresses})


def together(expositions: Mapping[str, str | None]) -> Shown:
    """The totals in each worker's /metrics, by its address; None if it did not answer."""
    sums, held, waiting = Counter[TotalName](), Counter[str](), 0
    for address, exposition in expositions.items():
        if exposition is None:
            return Shown({}, f"no worker answers at {address}")
        samples = Exposition(exposition)
        for line, amount in _read(samples):
            sums[line] += amount
        for sample in samples.of(pipeline.OWNED.series):
            held[sample.labels["topic"]] += int(sample.value)
        waiting += int(samples.total(pipeline.LAG.series) or 0)
        if not samples.one(pipeline.READY.series):
            return Shown(sums, f"the worker at {address} is still recovering")
    for topic in (MOVES, TERMINAL_DAYS):
        if held[topic.name] != topic.partitions:
            return Shown(
                sums,
                f"the workers asked hold {held[topic.name]} of {topic.partitions} partitions of "
                f"{topic.name}; name each worker with --worker",
            )
    return Shown(sums, f"{waiting:,} events wait to be read" if waiting else "")


def _read(samples: Exposition) -> Iterator[tuple[TotalName, int]]:
    for figure, (series, labels) in SERIES.items():
        for sample in samples.of(series):
            at = sample.labels
            of = tuple(at[label] for label in labels)
            amount = round(sample.value * 100) if figure.in_hundredths else int(sample.value)
            yield TotalName(figure, at["port_area"], at["terminal"], int(at["year"]), of), amount


def by_snapshots(bootstrap: str) -> Totals:
    """The totals of the newest snapshot of each key; the one with the greatest offset stands."""
    newest: dict[tuple[str, str, object, int], TerminalDay] = {}
    with TopicReading(bootstrap, TERMINAL_DAYS) as reading:
        for batch in reading.rest():
            for record in batch:
                day = decode_snapshot(record.value) if record.value else None
                if isinstance(day, TerminalDay):
                    key = day.area, day.terminal, day.on, day.partition
                    keep_newest(newest, key, day)
    return totals(part for day in newest.values() for part in parts_of(day))
