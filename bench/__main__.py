"""The bench's door: `python -m bench` says how fast the worker, its peers and the limit are."""

import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from bench import broker, process, report, worker
from bench.fill import fill
from bench.peers import java
from bench.recount import Truth, recount
from bench.report import Task
from bench.table import BenchRun, table
from contract.book import read_book
from contract.errors import QuaymarkError
from stack.processes.child import Program

PATIENCE_SECONDS = 900.0  # a run that takes longer hangs
BOOK = Path("quaymark.toml")
PAGE = Path("docs/bench.md")
DIFFERENCES_SHOWN = 10
COUNT = click.IntRange(1)
DEDUPED = "ids deduplicated, sums; state in RocksDB with a changelog; no corrections"


@click.command(
    epilog="Example: python -m bench --events 200000 --rounds 1",
    context_settings={"show_default": True},
)
@click.option("--events", default=1_000_000, type=COUNT, help="Events in the topic.")
@click.option("--rounds", default=3, type=COUNT, help="Times that each system runs.")
@click.option(
    "--workers", default=2, type=COUNT, help="Workers that share the topic, in runs of their own."
)
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(("worker", "workers", "quixstreams", "kafka-streams")),
    help="This system and the limit alone; repeatable.",
)
@click.option("--imported", default=200_000, type=COUNT, help="Moves in the folder of COARRI.")
@click.option(
    "--year",
    default=1_400_000,
    type=click.IntRange(0),
    help="Events of the chain's year; 0: none.",
)
@click.option(
    "--page", type=click.Path(path_type=Path), default=PAGE, help="Where the table is written."
)
def main(
    events: int,
    rounds: int,
    workers: int,
    only: tuple[str, ...],
    imported: int,
    year: int,
    page: Path,
) -> None:
    """Measure the worker beside bare aiokafka, quixstreams and Kafka Streams.

    Then an import, and the chain of a whole year.

    Fails if a sum is wrong, never for being slow.
    """
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it logs each retry of a young topic
    now = datetime.now(UTC)  # noqa: TID251  # the door reads the clock
    try:
        book = read_book(BOOK.read_text(encoding="utf-8"), str(BOOK))
        with (
            tempfile.TemporaryDirectory(prefix="quaymark-bench-") as folder,
            broker.running(Path(folder)) as bootstrap,
        ):
            print(f"filling the topic with {events:,} events", flush=True)
            fill(bootstrap, book, events, now.astimezone(book.tz).date())
            truth = recount(bootstrap)
            print(f"{truth.events:,} events are in it", flush=True)
            bench = WorkerBench(Path(folder), bootstrap, truth, workers)
            done = [bench.round(number, only) for number in range(1, rounds + 1)]
    except QuaymarkError as error:
        print(f"bench: {error}", file=sys.stderr)
        sys.exit(1)
    parts = [_apart("bench.edifact", "--moves", str(imported))]
    if year:
        parts.append(_apart("bench.chain", "--events", str(year), "--rounds", str(rounds)))
    text = "\n".join([table(done, truth, now.date()), *(part.stdout for part in parts)])
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text, encoding="utf-8")
    print(text)
    exact = all(run.exact for runs in done for run in runs)
    if not exact or any(part.returncode for part in parts):
        sys.exit(1)


def _apart(module: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A program of the bench on its own, so that its memory is its own."""
    command = (sys.executable, "-m", module, *words)
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)


class WorkerBench:
    """A filled topic on which one system after another runs, each from nothing."""

    def __init__(self, folder: Path, bootstrap: str, truth: Truth, workers: int) -> None:
        self._folder, self._bootstrap, self._truth, self._workers = (
            folder,
            bootstrap,
            truth,
            workers,
        )
        self._class_path = ""

    def round(self, number: int, only: Sequence[str]) -> list[BenchRun]:
        """Each system once, the limit first."""
        systems: dict[str, Callable[[Task], BenchRun]] = {
            "limit": self._limit,
            "worker": partial(self._worker, 1),
            "workers": partial(self._worker, self._workers),
            "quixstreams": self._quix,
            "kafka-streams": self._kafka_streams,
        }
        if self._workers == 1:
            del systems["workers"]
        runs = []
        for name, system in systems.items():
            if only and name not in (*only, "limit"):
                continue
            broker.clean(self._bootstrap)
            folder = self._folder / f"{name}-{number}"
            folder.mkdir()
            run = system(
                Task(self._bootstrap, self._truth.events, folder, f"bench-{name}-{number}")
            )
            print(
                f"round {number}: {run.system}: {run.rate:,.0f} events/s"
                f"{'' if run.exact else ', WRONG SUMS'}",
                flush=True,
            )
            runs.append(run)
        return runs

    def _limit(self, task: Task) -> BenchRun:
        does = "decodes and sums every event as it comes; no state, no deduplication"
        return self._peer("the bare limit", does, _python("bench.peers.bare", task), task)

    def _quix(self, task: Task) -> BenchRun:
        return self._peer("quixstreams", DEDUPED, _python("bench.peers.quix", task), task)

    def _kafka_streams(self, task: Task) -> BenchRun:
        self._class_path = self._class_path or java.compiled(self._folder)
        program = java.program(task, self._class_path)
        return self._peer("Kafka Streams (Java)", DEDUPED, program, task)

    def _peer(self, system: str, does: str, program: Program, task: Task) -> BenchRun:
        spent = process.run([program], task.folder, lambda: False, PATIENCE_SECONDS)
        said = report.read(task)
        truth = self._truth
        if does == DEDUPED:
            expected, skipped = truth.first_of_id, truth.repeats
        else:
            expected, skipped = truth.every_event, 0
        exact = said.sums == expected and said.skipped == skipped
        if not exact:
            print(f"{system}: {said.skipped:,} skipped, expected {skipped:,}", file=sys.stderr)
            _show_differences(said.sums, expected)
        return BenchRun(
            system,
            said.version,
            does,
            said.events,
            said.seconds,
            spent.peak_bytes,
            said.cpu_seconds,
            spent.cpu_seconds,
            exact,
        )

    def _worker(self, workers: int, task: Task) -> BenchRun:
        ports = worker.ports(workers)
        watch = worker.Watch(self._truth, ports)
        environ = os.environ  # noqa: TID251  # the door reads the environment
        programs = [
            worker.program(environ, task.bootstrap, task.folder, task.group, port)
            for port in ports
        ]
        spent = process.run(programs, task.folder, watch.is_done, PATIENCE_SECONDS)
        if not watch.exact:
            _show_differences(watch.teu, self._truth.books)
        return BenchRun(
            "the worker" if workers == 1 else f"{workers} workers ({watch.shares()})",
            "this one",
            "ids deduplicated, amendments, retractions, judgement of each event, KPIs, /metrics; "
            "journal in a changelog",
            self._truth.events,
            watch.seconds(),
            spent.peak_bytes,
            watch.cpu_seconds(),
            spent.cpu_seconds,
            watch.exact,
        )


def _show_differences(found: Mapping[Any, int], expected: Mapping[Any, int]) -> None:
    keys = [key for key in found.keys() | expected if found.get(key) != expected.get(key)]
    for key in sorted(keys)[:DIFFERENCES_SHOWN]:
        print(f"  {key}: {found.get(key)}, expected {expected.get(key)}", file=sys.stderr)
    print(f"{len(keys)} of {len(expected)} sums differ", file=sys.stderr)


def _python(module: str, task: Task) -> Program:
    return Program(module, (sys.executable, "-m", module, *task.arguments), once=True)


if __name__ == "__main__":
    main()
