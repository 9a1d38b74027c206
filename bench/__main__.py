"""The bench's door: `python -m bench` says how fast the worker, its peers and the limit are."""

import logging
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from bench import broker, page, process, report, table, worker
from bench.fill import fill
from bench.peers import java
from bench.recount import Truth, recount
from bench.report import Task
from bench.results import RESULTS, ChainResult, ImportResult, Measurement, append, read
from bench.table import BenchRun
from contract.book import read_book
from contract.errors import QuaymarkError
from stack.processes.child import Program
from stack.processes.jars import KAFKA_VERSION

PATIENCE_SECONDS = 900.0  # a run that takes longer hangs
T = TypeVar("T")
BOOK = Path("quaymark.toml")
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
    "--results",
    type=click.Path(path_type=Path),
    default=RESULTS,
    help="Where a whole run is kept: one more line.",
)
@click.option(
    "--pages",
    type=click.Path(path_type=Path),
    default=page.FOLDER,
    help="Where the page and its picture are written.",
)
def main(
    events: int,
    rounds: int,
    workers: int,
    only: tuple[str, ...],
    imported: int,
    year: int,
    results: Path,
    pages: Path,
) -> None:
    """Measure the worker beside bare aiokafka, quixstreams and Kafka Streams.

    Then an import, and the chain of a whole year.  A whole run is kept in bench/results.jsonl,
    from which docs/bench.md is rendered.

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
    measured = Measurement(
        on=now.date(),
        machine=table.machine(),
        python=platform.python_version(),
        kafka=KAFKA_VERSION,
        events=truth.events,
        event_bytes=round(truth.value_bytes / truth.events, 1),
        repeats=truth.repeats,
        rounds=rounds,
        systems=table.results(done),
        imported=_apart(ImportResult, "bench.edifact", "--moves", str(imported)),
        chain=_apart(ChainResult, "bench.chain", "--events", str(year), "--rounds", str(rounds))
        if year
        else None,
    )
    print(page.sections(measured))
    if not measured.is_exact:
        sys.exit(1)
    if only or measured.chain is None:
        print("a part alone: not kept", file=sys.stderr)
        return
    append(results, measured)
    page.write(read(results), pages)


def _apart(kind: type[T], module: str, *words: str) -> T:
    """A program of the bench on its own, so that its memory is its own.

    Its exit code says what its result says, too: whether sums were right.
    """
    command = (sys.executable, "-m", module, "--json", *words)
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if not done.stdout:
        raise SystemExit(f"{module} ended with exit {done.returncode} and no result")
    return msgspec.json.decode(done.stdout, type=kind)


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
            "the worker" if workers == 1 else f"{workers} workers",
            "this one",
            "ids deduplicated, amendments, retractions, judgement of each event, KPIs, /metrics; "
            "journal in a changelog",
            self._truth.events,
            watch.seconds(),
            spent.peak_bytes,
            watch.cpu_seconds(),
            spent.cpu_seconds,
            watch.exact,
            "" if workers == 1 else watch.shares(),
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
