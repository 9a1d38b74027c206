"""What the bench measured: one line of JSON a run, kept in the repository.

Figures of several rounds are kept as their median, lowest and highest.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from statistics import median

import msgspec
from msgspec import Struct

RESULTS = Path("bench/results.jsonl")


class Spread(Struct, frozen=True):
    """A figure of one round or several."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of what each round gave."""
        return cls(*(float(f"{one:.6g}") for one in (median(values), min(values), max(values))))

    def shown(self, form: str) -> str:
        """The median, and the lowest and highest where they differ from it."""
        middle = format(self.median, form)
        if self.lowest == self.highest:
            return middle
        return f"{middle} ({format(self.lowest, form)} – {format(self.highest, form)})"


class Machine(Struct, frozen=True):
    """Where it ran."""

    cpu: str
    cores: int
    memory_gb: int


class SystemResult(Struct, frozen=True):
    """One system beside the bare limit."""

    system: str
    version: str
    does: str
    events_per_second: Spread
    share_of_limit: Spread
    """Compared within each round."""
    cpu_microseconds: Spread
    """Of one event, from the first to the last."""
    cpu_seconds: Spread
    """Of the whole life of its processes."""
    peak_mb: Spread
    exact: bool
    note: str = ""


class ImportResult(Struct, frozen=True):
    """A folder of COARRI, imported without sending, beside the bare parser."""

    files: int
    moves: int
    mb: float
    parser_moves_per_second: float
    import_moves_per_second: float
    """Of CPU time, both."""
    peak_mb_of_quarter: float
    peak_mb: float
    exact: bool = True

    @property
    def share_of_parser(self) -> float:
        """How fast the import is beside the bare parser."""
        return self.import_moves_per_second / self.parser_moves_per_second


class StageResult(Struct, frozen=True):
    """One stage of the chain, or all of it."""

    stage: str
    seconds: Spread
    times_limit: Spread
    """Compared within each round."""


class ProcessResult(Struct, frozen=True):
    """What one kind of process took while the chain ran."""

    process: str
    cpu_seconds: Spread | None
    peak_mb: Spread


class YearsResult(Struct, frozen=True):
    """The largest process of each kind, for so many years."""

    years: str
    events: int
    peak_mb: dict[str, float]


class ChainResult(Struct, frozen=True):
    """A year from Parquet to blocks of Prometheus."""

    events: int
    rounds: int
    stages: tuple[StageResult, ...]
    """The bare limit first, the whole chain last."""
    processes: tuple[ProcessResult, ...]
    by_years: tuple[YearsResult, ...]
    exact: bool


class Measurement(Struct, frozen=True, omit_defaults=True):
    """One run of `make bench`."""

    on: date
    machine: Machine
    python: str
    kafka: str
    events: int
    event_bytes: float
    repeats: int
    rounds: int
    systems: tuple[SystemResult, ...]
    """The bare limit first."""
    imported: ImportResult | None = None
    chain: ChainResult | None = None

    @property
    def is_exact(self) -> bool:
        """Whether every sum was right."""
        parts = (*self.systems, self.imported, self.chain)
        return all(part.exact for part in parts if part is not None)


def append(path: Path, run: Measurement) -> None:
    """Keep a run: one more line."""
    with path.open("ab") as file:
        file.write(msgspec.json.encode(run) + b"\n")


def read(path: Path) -> list[Measurement]:
    """All runs, the oldest first."""
    return [msgspec.json.decode(line, type=Measurement) for line in path.read_bytes().splitlines()]
