"""The quixstreams peer: it deduplicates ids and sums TEU in RocksDB state with a changelog."""

import logging
import time
from collections import Counter
from importlib.metadata import version

from quixstreams import Application, State

from bench import counting, report
from bench.report import Report, Task
from contract.events import ContainerMoved
from contract.wire import decode_move

COMMIT_SECONDS = 1.0  # as the worker's setting; quixstreams' default is 5


class QuixCounter:
    """A counter of events; quixstreams keeps its state by Kafka key, which is the source."""

    def __init__(self, events: int) -> None:
        self.left = events
        self.skipped = 0
        self.sums: dict[tuple[bytes, str], int] = {}
        """(Kafka key, `terminal|day`) -> newest value of the sum, for the report."""
        self.started = self.seconds = 0.0
        self.cpu_started = self.cpu_seconds = 0.0

    def post(
        self, value: bytes, source: bytes, _at: int, _headers: object, state: State[str, int]
    ) -> None:
        """Sum one event unless its id was seen before."""
        if not self.started:
            self.started, self.cpu_started = time.perf_counter(), time.process_time()
        event = decode_move(value)
        if isinstance(event, ContainerMoved):
            if state.exists(event.id):
                self.skipped += 1
            else:
                state.set(event.id, 1)
                if teu := counting.hundredths(event):
                    key = counting.text(counting.key(event))
                    self.sums[source, key] = total = state.get(key, 0) + teu
                    state.set(key, total)
        self.left -= 1
        if not self.left:
            self.seconds = time.perf_counter() - self.started
            self.cpu_seconds = time.process_time() - self.cpu_started


def run(task: Task) -> Report:
    """Process all events, commit, and return the report."""
    logging.getLogger("quixstreams").setLevel(logging.WARNING)
    app = Application(
        broker_address=task.bootstrap,
        consumer_group=task.group,
        auto_offset_reset="earliest",
        commit_interval=COMMIT_SECONDS,
        state_dir=task.folder / "state",
        producer_extra_config={"compression.type": "lz4"},
        loglevel=None,
    )
    topic = app.topic(report.TOPIC, value_deserializer="bytes", key_deserializer="bytes")
    counter = QuixCounter(task.events)
    app.dataframe(topic).apply(counter.post, stateful=True, metadata=True)
    app.run(count=task.events, collect=False)
    sums = Counter[str]()
    for (_, key), total in counter.sums.items():
        sums[key] += total
    return Report(
        f"quixstreams {version('quixstreams')}",
        task.events - counter.left,
        counter.skipped,
        counter.seconds,
        counter.cpu_seconds,
        dict(sums),
    )


if __name__ == "__main__":
    task = report.given()
    report.write(task, run(task))
