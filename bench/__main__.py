"""The command `python -m bench`, which measures the worker, its peers and the bare limit."""

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
from typing import Any, TypedDict, TypeVar, Unpack

import click
import msgspec

from bench import broker, edifact, page, process, register_run, report, table, worker
from bench.fill import fill
from bench.peers import java
from bench.recount import Truth, recount
from bench.report import Task
from bench.results import (
    IMPORTS,
    REGISTERS,
    RESULTS,
    ChainResult,
    ImportResult,
    ImportRun,
    Measurement,
    RegisterResult,
    RegisterRun,
    append,
    read,
)
from bench.table import BenchRun
from contract.book import read_book
from contract.errors import QuaymarkError
from stack.processes.child import Program
from stack.processes.jars import KAFKA_VERSION

PATIENCE_SECONDS = 900.0  # a run that takes longer is taken to hang
T = TypeVar("T")
BOOK = Path("quaymark.toml")
DIFFERENCES_SHOWN = 10
COUNT = click.IntRange(1)
DEDUPED = "ids deduplicated, sums; state in RocksDB with a changelog; no corrections"


class BenchOptions(TypedDict):
    """The options of the command."""

    events: int
    rounds: int
    workers: int
    only: tuple[str, ...]
    imported: int
    year: int
    parts: str
    results: Path
    imports: Path
    pages: Path


@click.command(
    epilog="Example: python -m bench --events 200000 --rounds 1",
    context_settings={"show_default": True},
)
@click.option("--events", default=1_000_000, type=COUNT, help="Events in the topic.")
@click.option("--rounds", default=3, type=COUNT, help="Rounds; each system runs once a round.")
@click.option(
    "--workers",
    default=2,
    type=COUNT,
    help="Workers that share the topic in the runs with several.",
)
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(("worker", "workers", "quixstreams", "kafka-streams")),
    help="Run only this system and the limit; repeatable.",
)
@click.option("--imported", default=200_000, type=COUNT, help="Moves in the COARRI files.")
@click.option(
    "--year",
    default=1_400_000,
    type=click.IntRange(0),
    help="Events of the chain's year; 0 leaves the chain out.",
)
@click.option(
    "--parts",
    default="all",
    type=click.Choice(("all", "import", "register")),
    help="`import` or `register` measures that alone and renews its section of the page.",
)
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    default=RESULTS,
    help="File to which a complete run is appended as one line.",
)
@click.option(
    "--imports",
    type=click.Path(path_type=Path),
    default=IMPORTS,
    help="File to which a run of the import alone is appended as one line.",
)
@click.option(
    "--pages",
    type=click.Path(path_type=Path),
    default=page.FOLDER,
    help="Folder for the page and its picture.",
)
def main(**options: Unpack[BenchOptions]) -> None:
    """Compare the worker with bare aiokafka, quixstreams and Kafka Streams.

    After that, measure an import and the chain of a whole year.  A complete run is appended to
    bench/results.jsonl, from which docs/bench.md is rendered.

    The command fails if a sum is wrong, and never because a system is slow.
    """
    if options["parts"] == "import":
        _import_alone(options)
        return
    if options["parts"] == "register":
        _register_alone(options)
        return
    rounds, only, year = options["rounds"], options["only"], options["year"]
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it logs each retry of a new topic
    now = datetime.now(UTC)  # noqa: TID251  # the door reads the clock
    try:
        book = read_book(BOOK.read_text(encoding="utf-8"), str(BOOK))
        with (
            tempfile.TemporaryDirectory(prefix="quaymark-bench-") as folder,
            broker.running(Path(folder)) as bootstrap,
        ):
            print(f"filling the topic with {options['events']:,} events", flush=True)
            fill(bootstrap, book, options["events"], now.astimezone(book.tz).date())
            truth = recount(bootstrap)
            print(f"the topic holds {truth.events:,} events", flush=True)
            bench = WorkerBench(Path(folder), bootstrap, truth, options["workers"])
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
        imported=_own_process(ImportResult, "bench.edifact", "--moves", str(options["imported"])),
        chain=_own_process(
            ChainResult, "bench.chain", "--events", str(year), "--rounds", str(rounds)
        )
        if year
        else None,
    )
    print(page.sections(measured))
    if not measured.is_exact:
        sys.exit(1)
    if only or measured.chain is None:
        print("bench: this run measured only a part, so it is not kept", file=sys.stderr)
        return
    append(options["results"], measured)
    page.write(read(options["results"]), page.newest_parts(options["imports"]), options["pages"])


def _import_alone(options: BenchOptions) -> None:
    """Measure the import, keep its fastest round, and write the page again."""
    moves = str(options["imported"])
    rounds = [
        _own_process(ImportResult, "bench.edifact", "--moves", moves)
        for _ in range(options["rounds"])
    ]
    if not all(found.exact for found in rounds):
        sys.exit("bench: a round of the import counted wrong sums, so none is kept")
    run = ImportRun(
        on=datetime.now(UTC).date(),  # noqa: TID251  # the door reads the clock
        machine=table.machine(),
        python=platform.python_version(),
        rounds=len(rounds),
        load=round(os.getloadavg()[0], 1),
        imported=max(rounds, key=lambda found: found.import_moves_per_second),
    )
    append(options["imports"], run)
    page.write(read(options["results"]), page.newest_parts(options["imports"]), options["pages"])
    print(edifact.section(run.imported, edifact.circumstances(run)))


def _register_alone(options: BenchOptions) -> None:
    """Measure the register of a year, and write the page again."""
    found = _own_process(RegisterResult, "bench.register_run", "--events", str(options["year"]))
    if not found.exact:
        sys.exit("bench: the register differs from the recount, so the run is not kept")
    run = RegisterRun(
        on=datetime.now(UTC).date(),  # noqa: TID251  # the door reads the clock
        machine=table.machine(),
        python=platform.python_version(),
        load=round(os.getloadavg()[0], 1),
        register=found,
    )
    append(REGISTERS, run)
    page.write(read(options["results"]), page.newest_parts(options["imports"]), options["pages"])
    print(register_run.section(found, register_run.circumstances(run)))


def _own_process(kind: type[T], module: str, *words: str) -> T:
    """Run a module of the bench in its own process, so that its memory is measured alone.

    The exit code is not checked, because the result also says whether the sums were right.
    """
    command = (sys.executable, "-m", module, "--json", *words)
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if not done.stdout:
        raise SystemExit(
            f"bench: {module} ended with exit code {done.returncode} and printed no result"
        )
    return msgspec.json.decode(done.stdout, type=kind)


class WorkerBench:
    """A filled topic that one system after another reads, each without earlier state."""

    def __init__(self, folder: Path, bootstrap: str, truth: Truth, workers: int) -> None:
        self._folder, self._bootstrap, self._truth, self._workers = (
            folder,
            bootstrap,
            truth,
            workers,
        )
        self._class_path = ""

    def round(self, number: int, only: Sequence[str]) -> list[BenchRun]:
        """Run each system once, the limit first, and return their runs in this order."""
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
        result = report.read(task)
        truth = self._truth
        if does == DEDUPED:
            expected, skipped = truth.first_of_id, truth.repeats
        else:
            expected, skipped = truth.every_event, 0
        exact = result.sums == expected and result.skipped == skipped
        if not exact:
            print(
                f"bench: {system} skipped {result.skipped:,} duplicates, expected {skipped:,}",
                file=sys.stderr,
            )
            _show_differences(result.sums, expected)
        return BenchRun(
            system,
            result.version,
            does,
            result.events,
            result.seconds,
            spent.peak_bytes,
            result.cpu_seconds,
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
