"""The totals that the books show, read from the workers' /metrics or the snapshot topic."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from access.client import ask
from audit.totals import TotalKind, TotalName, Totals, parts_of, totals
from broker.connection import Connection
from broker.reader import TopicReading
from contract.http.access import HttpAccess
from contract.snapshots import TerminalDay, keep_newest
from contract.topics import MOVES, TERMINAL_DAYS
from contract.wire import decode_snapshot
from kpis import pipeline
from kpis.port import handled
from kpis.port.throughput import THROUGHPUT
from stack.status.exposition import Exposition

_LABELS = {
    TotalKind.TEU: (handled.ytd, ()),
    TotalKind.MOVES: (handled.ytd_moves, ()),
    TotalKind.CLASS_TEU: (handled.ytd_class, ("move", "fill", "size", "kind")),
    TotalKind.UNSIZED: (handled.unsized, ()),
    TotalKind.GATE: (handled.gate, ("direction",)),
}
SERIES = {figure: (str(THROUGHPUT[of].series), labels) for figure, (of, labels) in _LABELS.items()}
"""Figure -> its series, and the labels of the series that make up `TotalName.of`."""


class ShownTotals(Struct, frozen=True):
    """The totals that the books show.

    `unsettled` says why they may still change; it is empty if they are final.
    """

    totals: Totals
    unsettled: str = ""


def totals_of_workers(addresses: Sequence[str], access: HttpAccess) -> ShownTotals:
    """Return the sum of the totals that workers show, given by their addresses (host:port).

    Raises:
        AccessRefused: a worker and this machine don't take what the other shows.
    """
    return combined_totals({address: ask(access, address, "/metrics") for address in addresses})


def combined_totals(expositions: Mapping[str, str | None]) -> ShownTotals:
    """Return the sum of the totals in the workers' expositions, by address; None: no answer."""
    sums, held, waiting = Counter[TotalName](), Counter[str](), 0
    for address, exposition in expositions.items():
        if exposition is None:
            return ShownTotals({}, f"no worker answers at {address}")
        samples = Exposition(exposition)
        for line, amount in _read(samples):
            sums[line] += amount
        for sample in samples.of(pipeline.OWNED.series):
            held[sample.labels["topic"]] += int(sample.value)
        waiting += int(samples.total(pipeline.LAG.series) or 0)
        if not samples.one(pipeline.READY.series):
            return ShownTotals(sums, f"the worker at {address} is still recovering")
    for topic in (MOVES, TERMINAL_DAYS):
        if held[topic.name] != topic.partitions:
            return ShownTotals(
                sums,
                f"the workers asked hold {held[topic.name]} of {topic.partitions} partitions of "
                f"{topic.name}; name each worker with --worker",
            )
    return ShownTotals(sums, f"{waiting:,} events wait to be read" if waiting else "")


def _read(samples: Exposition) -> Iterator[tuple[TotalName, int]]:
    for figure, (series, labels) in SERIES.items():
        for sample in samples.of(series):
            at = sample.labels
            of = tuple(at[label] for label in labels)
            amount = round(sample.value * 100) if figure.in_hundredths else int(sample.value)
            yield TotalName(figure, at["port_area"], at["terminal"], int(at["year"]), of), amount


def totals_of_snapshots(connection: Connection) -> Totals:
    """Return the totals of the snapshots, of each key the one with the greatest offset."""
    newest: dict[tuple[str, str, object, int], TerminalDay] = {}
    with TopicReading(connection, TERMINAL_DAYS) as reading:
        for batch in reading.rest():
            for record in batch:
                day = decode_snapshot(record.value) if record.value else None
                if isinstance(day, TerminalDay):
                    key = day.area, day.terminal, day.on, day.partition
                    keep_newest(newest, key, day)
    return totals(part for day in newest.values() for part in parts_of(day))
