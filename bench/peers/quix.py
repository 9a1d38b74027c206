"""quixstreams: ids deduplicated and TEU summed in its state store (RocksDB with a changelog)."""

import logging
import time
from collections import Counter
from importlib.metadata import version

from quixstreams import Application, State

from bench import counting, report
from bench.report import Report, Task
from contract.events import ContainerMoved
from contract.wire import decode_move

COMMIT_SECONDS = 1.0  # as the worker's; quixstreams' default is 5


class QuixCounter:
    """Counts events; state is kept under the Kafka key, which is the events' source."""

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
        """Sum one event unless its id was seen."""
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
    """Process all events, commit and end."""
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
    desk = QuixCounter(task.events)
    app.dataframe(topic).apply(desk.post, stateful=True, metadata=True)
    app.run(count=task.events, collect=False)
    sums = Counter[str]()
    for (_, key), total in desk.sums.items():
        sums[key] += total
    return Report(
        f"quixstreams {version('quixstreams')}",
        task.events - desk.left,
        desk.skipped,
        desk.seconds,
        desk.cpu_seconds,
        dict(sums),
    )


if __name__ == "__main__":
    task = report.given()
    report.write(task, run(task))
