"""`python -m bench.edifact` compares an import of COARRI files with the bare parser.

The import sends nothing.  pydifact 0.2.3 was tried once on the same segments: it read 16,000
segments a second, which are 5,000 moves a second.
"""

import asyncio
import re
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import msgspec

from bench.results import ImportResult, ImportRun
from contract.book import Partner, read_book
from contract.container import check_digit
from producers.edifact.syntax import segments
from producers.importing.run import Import
from producers.importing.tally import ImportTally
from producers.reading.input_files import Found
from producers.reading.outcome import Form, ReadingTerms

BOOK = Path("quaymark.toml")
MOVES_A_FILE = 1_000
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
NOW = AT + timedelta(days=30)
PARTNER = Partner("bench", "Asia/Shanghai", ("BENCH",), terminals={"T1": "THE"})


@click.command(context_settings={"show_default": True})
@click.option(
    "--moves", default=200_000, type=click.IntRange(4 * MOVES_A_FILE), help="Moves in all files."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def main(moves: int, as_json: bool) -> None:
    """Import a folder of COARRI files and print the rate; fail if a move or a TEU is lost."""
    book = read_book(BOOK.read_text(encoding="utf-8"), str(BOOK))
    book = msgspec.structs.replace(book, partner=(PARTNER,))
    with tempfile.TemporaryDirectory(prefix="quaymark-bench-") as name:
        files = [_write(Path(name), number) for number in range(moves // MOVES_A_FILE)]
        size = sum(path.stat().st_size for path in files)
        bare = _timed(lambda: sum(_segments(path) for path in files))
        run = Import(ReadingTerms(book), Form.EDIFACT, ImportTally(book, NOW))
        quarter = len(files) // 4
        whole = _timed(lambda: asyncio.run(_import(run, files[:quarter])))
        early = _peak_mb()
        whole += _timed(lambda: asyncio.run(_import(run, files[quarter:])))
    count = len(files) * MOVES_A_FILE
    found = ImportResult(
        files=len(files),
        moves=count,
        mb=round(size / (1 << 20), 1),
        parser_moves_per_second=round(count / bare),
        import_moves_per_second=round(count / whole),
        peak_mb_of_quarter=round(early, 1),
        peak_mb=round(_peak_mb(), 1),
        exact=(run.tally.moves, run.tally.hundredths.total()) == (count, count * 100),
    )
    print(msgspec.json.encode(found).decode() if as_json else section(found))
    if not found.exact:
        raise SystemExit(
            f"bench: the import counted {run.tally.moves} moves and "
            f"{run.tally.hundredths.total()} hundredths of a TEU, "
            f"expected {count} and {count * 100}"
        )


def section(found: ImportResult, circumstances: str = "") -> str:
    """Return the section of docs/bench.md about imports."""
    return (
        f"## Imports\n\n{circumstances}"
        f"The import reads a folder of {found.files:,} COARRI files with "
        f"{found.moves:,} moves ({found.mb:,.0f} MB) and sends nothing.  The bare parser only "
        "splits the same files into segments.  Peak MB is the memory of the whole process, after "
        "a quarter of the files and after all of them.  "
        f"The sums are {'exact' if found.exact else '**wrong**'}.\n\n"
        "| | moves per CPU second | share of the parser | peak MB, a quarter | peak MB, all |\n"
        "|---|---:|---:|---:|---:|\n"
        f"| the bare parser | {found.parser_moves_per_second:,.0f} | 1.00 | | |\n"
        f"| the import | {found.import_moves_per_second:,.0f} | {found.share_of_parser:.2f} "
        f"| {found.peak_mb_of_quarter:,.0f} | {found.peak_mb:,.0f} |\n"
    )


def circumstances(run: ImportRun) -> str:
    """Return when and where the import alone was measured, and what else the machine did."""
    machine = run.machine
    return (
        f"Measured alone on {run.on}: {machine.cpu}, {machine.cores} cores, "
        f"{machine.memory_gb} GB, Python {run.python}; the fastest of {run.rounds} rounds, while "
        f"{run.load:.0f} processes ran or waited to run: on a machine that does nothing else a "
        "move takes less CPU time.\n\n"
    )


def _write(folder: Path, number: int) -> Path:
    """Write one interchange that discharges `MOVES_A_FILE` boxes of 20 ft, and return its path."""
    groups = []
    for serial in range(number * MOVES_A_FILE, (number + 1) * MOVES_A_FILE):
        box = f"MSK{'UJZ'[serial // 1_000_000]}{serial % 1_000_000:06}"
        at = AT + timedelta(minutes=serial % 40_000)
        groups.append(
            f"EQD+CN+{box}{check_digit(box)}+22G1:102:5++3+5'DTM+203:{at:%Y%m%d%H%M}:203'"
            "LOC+9+SGSIN:139:6'LOC+11+CNNTG:139:6'LOC+165+CNNTG:139:6+T1:TER:ZZZ'"
            "MEA+AAE+G+KGM:21000'SEL+88200+CA'NAD+CF+COS:172:20'"
        )
    path = folder / f"{number:05}.edi"
    path.write_text(
        "UNB+UNOA:2+BENCH+PORT+260331:0800+1'UNH+1+COARRI:D:95B:UN:SMDG16'"
        f"BGM+44+D{number}+9'TDT+20+V{number}E+1++COS:172:20+++9321483:146:11:EVER'"
        f"{''.join(groups)}CNT+16:{MOVES_A_FILE}'UNT+{MOVES_A_FILE * 8 + 5}+1'UNZ+1+1'"
    )
    return path


def _segments(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(1 for _ in segments(stream))


async def _import(run: Import, files: list[Path]) -> None:
    for path in files:
        await run.read(Found(str(path), path), NOW, lambda size: None)


def _timed(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024  # type: ignore[index]  # Linux always gives it


if __name__ == "__main__":
    main()
