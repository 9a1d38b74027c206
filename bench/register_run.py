"""The register of a year: how long it takes to make, to bring on and to ask.

Each figure is that of a command as a person types it, its start included.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path

import click
import duckdb
import msgspec

from audit.recount import Recount
from audit.totals import TotalKind
from bench import broker
from bench.results import AskedResult, RegisterResult, RegisterRun, StatementResult
from broker.connection import Connection
from broker.reader import TopicReading
from contract.book import Book, read_book
from contract.settings import Settings
from contract.topics import MOVES
from producers.publish.sender import Sender
from producers.simulate.simulated_port import simulate
from producers.simulate.sources import TimedEvent

ROUNDS = 3  # of each question; the fastest counts, since the machine may be busy
EVENTS_A_DAY = 2900  # the simulated port sends 2,835 on average
MB = 1 << 20


_MEASURED = """
import json, resource, subprocess, sys, time
began = time.monotonic()
done = subprocess.run(sys.argv[2:])
seconds = time.monotonic() - began
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as file:
    json.dump([seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024], file)
sys.exit(done.returncode)
"""
"""Runs a command from a small process: a child's peak begins with that of its parent."""


class _Spent:
    """The time, CPU time and memory of one command; of its processes the largest counts."""

    def __init__(self, environ: dict[str, str], *line: str) -> None:
        command = [sys.executable, "-m", "stack", *line]
        with tempfile.NamedTemporaryFile() as report:
            done = subprocess.run(
                [sys.executable, "-c", _MEASURED, report.name, *command],
                env=environ,
                stdout=subprocess.PIPE,
                text=True,
            )
            if done.returncode:
                raise SystemExit(f"bench: {' '.join(line)} ended with {done.returncode}")
            self.printed = done.stdout
            self.seconds, self.cpu_seconds, self.peak_mb = json.load(report)


@click.command()
@click.option("--events", default=1_400_000, show_default=True, help="Events in the topic.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def main(events: int, as_json: bool) -> None:
    """Make the register of a year, and ask it; fail if an answer differs from a recount."""
    book = read_book(Path("quaymark.toml").read_text(encoding="utf-8"), "quaymark.toml")
    with (
        tempfile.TemporaryDirectory(prefix="quaymark-bench-") as folder,
        broker.running(Path(folder)) as bootstrap,
    ):
        found = _measured(book, events, bootstrap, Path(folder))
    print(msgspec.json.encode(found).decode() if as_json else section(found))
    if not found.exact:
        raise SystemExit("bench: the register differs from the recount")


def _measured(book: Book, events: int, bootstrap: str, folder: Path) -> RegisterResult:
    environ = {
        **os.environ,  # noqa: TID251  # the door reads the environment
        "QUAYMARK_KAFKA": bootstrap,
        "QUAYMARK_FOLDER": str(folder / "quaymark"),
    }
    today = datetime.now(UTC).astimezone(book.tz).date()  # noqa: TID251  # and the clock
    yesterday = today - timedelta(1)
    since = datetime(yesterday.year, yesterday.month, yesterday.day, tzinfo=book.tz)
    earlier, last = _parted(_year(book, events, today), since)
    asyncio.run(_send(bootstrap, earlier))
    first = _Spent(environ, "register", "update")
    asyncio.run(_send(bootstrap, last))
    day = _Spent(environ, "register", "update")
    until = datetime.now(UTC)  # noqa: TID251

    between = ("--between", since.isoformat(), until.isoformat())
    box = json.loads(_ask(environ, "explain", "--records", "--on", f"{yesterday}"))
    number = next(one["container"] for one in box["records"] if one["container"])
    questions = {
        "what changed the year's figure in the last day": ("explain", *between),
        "what changed it since the year began": ("explain", "--between", "2000-01-01", between[2]),
        "what stands in the year's figure": ("explain",),
        "a box": ("find", number),
        "the start of the command alone": ("explain", "--help"),
    }
    asked = tuple(_fastest(name, environ, line) for name, line in questions.items())
    began = time.monotonic()
    hundredths = _recounted(book, bootstrap)
    recount_seconds = time.monotonic() - began
    reconciled, is_same = _reconciled(environ, folder)
    change = json.loads(_ask(environ, "explain", *between))
    status = json.loads(_Spent(environ, "register", "status", "--json").printed)
    return RegisterResult(
        events=status["versions"],
        file_mb=round(status["bytes"] / MB, 1),
        first_seconds=round(first.seconds, 1),
        first_cpu_seconds=round(first.cpu_seconds, 1),
        peak_mb=round(max(first.peak_mb, day.peak_mb)),
        day_seconds=round(day.seconds, 2),
        day_cpu_seconds=round(day.cpu_seconds, 2),
        asked=asked,
        recount_seconds=round(recount_seconds, 1),
        exact=round(change["new"] * 100) == hundredths and not change["unexplained"] and is_same,
        reconciled=reconciled,
    )


_STANDING = "state = 'counted' AND known_to IS NULL AND move IN ('LOAD', 'DISC')"
_LARGEST = """
    SELECT terminal, count(*), min(business_day), max(business_day) FROM {versions}
    WHERE {standing} GROUP BY terminal ORDER BY 2 DESC LIMIT 1
"""
_STATEMENT = """
    COPY (
        SELECT move, strftime(event_time, '%Y-%m-%dT%H:%M:%SZ') AS time, terminal, container,
            iso_code AS size, fill, CASE kind WHEN 'restow' THEN 5 WHEN 'transhipment' THEN 6 END
            AS status
        FROM {versions} WHERE {standing} AND terminal = '{terminal}'
    ) TO '{file}' (HEADER)
"""


def _reconciled(environ: dict[str, str], folder: Path) -> tuple[StatementResult, bool]:
    """Compare the largest terminal's year with a statement of it, and say if they are the same."""
    file, standing = folder / "statement.csv", _STANDING
    versions = f"read_parquet('{environ['QUAYMARK_FOLDER']}/register/*/*/*.parquet')"
    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "TimeZone": "UTC"})
    asked = _LARGEST.format(versions=versions, standing=standing)
    [(terminal, lines, first, last)] = connection.execute(asked).fetchall()
    names = {"versions": versions, "standing": standing, "terminal": terminal, "file": file}
    connection.execute(_STATEMENT.format(**names))
    period = ("--period", f"{first:%Y-%m}/{last:%Y-%m}")
    line = ("reconcile", str(file), "--terminal", terminal, *period, "--no-update", "--json")
    spent = _Spent(environ, *line)
    answer = json.loads(spent.printed)
    found = StatementResult(
        lines, round(spent.seconds, 1), round(spent.cpu_seconds, 1), round(spent.peak_mb)
    )
    is_same = answer["theirs"] == answer["ours"] and not answer["records"]
    return found, is_same


def _fastest(name: str, environ: dict[str, str], line: tuple[str, ...]) -> AskedResult:
    rest = () if "--help" in line else ("--no-update", "--json")
    runs = [_Spent(environ, *line, *rest) for _ in range(ROUNDS)]
    best = min(runs, key=lambda run: run.cpu_seconds)
    return AskedResult(name, round(best.seconds, 2), round(best.cpu_seconds, 2))


def _ask(environ: dict[str, str], *line: str) -> str:
    return _Spent(environ, *line, "--no-update", "--json").printed


def _year(book: Book, events: int, today: date) -> Iterator[TimedEvent]:
    """Return the last of the simulated port's events until yesterday, about so many."""
    days = round(events / EVENTS_A_DAY)
    return iter(simulate(book, today - timedelta(days), today - timedelta(1)))


def _parted(
    sent: Iterator[TimedEvent], since: datetime
) -> tuple[Iterator[TimedEvent], Iterator[TimedEvent]]:
    """Return what was sent before an instant, and what since then; read them in this order."""
    begins: list[TimedEvent] = []

    def before() -> Iterator[TimedEvent]:
        for due in sent:
            if due.at >= since:
                begins.append(due)
                return
            yield due

    return before(), chain(begins, sent)


async def _send(bootstrap: str, sent: Iterator[TimedEvent]) -> None:
    """Send events with the timestamps at which they would have come."""
    async with Sender(Settings(kafka=bootstrap), "bench") as sender:
        for due in sent:
            await sender.send(due.event, due.at)


def _recounted(book: Book, bootstrap: str) -> int:
    """Return hundredths of a TEU of the whole topic, by the audit."""
    recount = Recount(book)
    with TopicReading(Connection(bootstrap), MOVES) as reading:
        for records in reading.rest():
            for record in records:
                recount.take(record.partition, record.timestamp, record.value, record.headers)
    totals = recount.totals().items()
    return sum(amount for name, amount in totals if name.figure is TotalKind.TEU)


def section(found: RegisterResult, circumstances: str = "") -> str:
    """Return the section of docs/bench.md about the register."""
    lines = "".join(
        f"| {asked.name} | {asked.seconds:.2f} | {asked.cpu_seconds:.2f} |\n"
        for asked in found.asked
    )
    return (
        f"## The register\n\n{circumstances}"
        f"A year of {found.events:,} records of moves, as {found.file_mb:,.0f} MB of Parquet "
        "([what it is for](explain.md)).  Each line is a command as it is typed, its "
        f"start included; of a question the fastest of {ROUNDS}.  The largest of these processes "
        f"had {found.peak_mb:,.0f} MB.  The recount reads the whole topic by the audit, which "
        "tells the sum of one moment; a change asks for two.  "
        f"The sums are {'exact' if found.exact else '**wrong**'}.\n\n"
        "| | seconds | CPU seconds |\n|---|---:|---:|\n"
        f"| the first register | {found.first_seconds:.1f} | {found.first_cpu_seconds:.1f} |\n"
        f"| the increment of a day | {found.day_seconds:.2f} | {found.day_cpu_seconds:.2f} |\n"
        f"{lines}"
        f"| the year's sum by a recount of the topic | {found.recount_seconds:.1f} | |\n"
        + _statement_row(found.reconciled)
    )


def _statement_row(found: StatementResult | None) -> str:
    if found is None:
        return ""
    return (
        f"| a statement of a terminal's {found.lines:,} moves beside the books "
        f"([reconcile](reconcile.md)), in {found.peak_mb:,.0f} MB | {found.seconds:.1f} "
        f"| {found.cpu_seconds:.1f} |\n"
    )


def circumstances(run: RegisterRun) -> str:
    """Return when and where the register was measured, and what else the machine did."""
    machine = run.machine
    return (
        f"Measured alone on {run.on}: {machine.cpu}, {machine.cores} cores, "
        f"{machine.memory_gb} GB, Python {run.python}, while {run.load:.0f} processes ran or "
        "waited to run.\n\n"
    )


if __name__ == "__main__":
    main()
