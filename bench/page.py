"""This module renders docs/bench.md from the measured results: the newest run, and the trend.

`python -m bench.page` renders the page and its picture again.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bench import edifact, register_run, table, trend
from bench.chain import chain_table
from bench.results import (
    IMPORTS,
    REGISTERS,
    RESULTS,
    ImportRun,
    Measurement,
    RegisterRun,
    newest_import,
    newest_register,
    read,
)

FOLDER = Path("docs")
PAGE, PICTURE = "bench.md", "bench-trend.svg"


class PartRuns(NamedTuple):
    """The newest runs of parts that are measured alone."""

    imported: ImportRun | None = None
    register: RegisterRun | None = None


NO_PARTS = PartRuns()


def newest_parts(imports: Path = IMPORTS, registers: Path = REGISTERS) -> PartRuns:
    """Return the newest run of each part that was measured alone."""
    return PartRuns(newest_import(imports), newest_register(registers))


def sections(run: Measurement, parts_alone: PartRuns = NO_PARTS) -> str:
    """Return the sections of the page about one run; a newer run of the import alone counts."""
    alone, register = parts_alone
    parts = [table.section(run)]
    if alone is not None and alone.on >= run.on:
        parts.append(edifact.section(alone.imported, edifact.circumstances(alone)))
    elif run.imported is not None:
        parts.append(edifact.section(run.imported))
    if register is not None:
        found = register_run.section(register.register, register_run.circumstances(register))
        parts.append(found)
    if run.chain is not None:
        parts.append(chain_table.section(run.chain))
    return "\n".join(parts)


def pages(runs: Sequence[Measurement], alone: PartRuns = NO_PARTS) -> dict[str, str]:
    """Return the page and its picture, as file name -> text."""
    text = f"# Bench\n\n{sections(runs[-1], alone)}\n{trend.section(runs, PICTURE)}"
    return {PAGE: text, PICTURE: trend.picture(runs)}


def write(runs: Sequence[Measurement], alone: PartRuns, folder: Path) -> None:
    """Write the page and its picture."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages(runs, alone).items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(read(RESULTS), newest_parts(), FOLDER)
