"""The results of the bench, kept in the repository as one line of JSON per run.

A figure of several rounds is kept as its median, lowest and highest value.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from statistics import median

import msgspec
from msgspec import Struct

RESULTS = Path("bench/results.jsonl")
IMPORTS = Path("bench/imports.jsonl")
REGISTERS = Path("bench/registers.jsonl")


class Spread(Struct, frozen=True):
    """The median, lowest and highest value of a figure over one or more rounds."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Return the spread of one value per round, each to six significant digits."""
        return cls(*(float(f"{one:.6g}") for one in (median(values), min(values), max(values))))

    def shown(self, form: str) -> str:
        """Return the median, and the lowest and highest in brackets where they differ."""
        middle = format(self.median, form)
        if self.lowest == self.highest:
            return middle
        return f"{middle} ({format(self.lowest, form)} – {format(self.highest, form)})"


class Machine(Struct, frozen=True):
    """The machine that a run was measured on."""

    cpu: str
    cores: int
    memory_gb: int


class SystemResult(Struct, frozen=True):
    """What one system achieved, compared with the bare limit."""

    system: str
    version: str
    does: str
    events_per_second: Spread
    share_of_limit: Spread
    """The system's rate divided by the limit's rate of the same round."""
    cpu_microseconds: Spread
    """CPU time per event, measured from the first event to the last."""
    cpu_seconds: Spread
    """CPU time of the whole life of its processes."""
    peak_mb: Spread
    exact: bool
    note: str = ""


class ImportResult(Struct, frozen=True):
    """What an import of COARRI files achieved that sends nothing, beside the bare parser."""

    files: int
    moves: int
    mb: float
    parser_moves_per_second: float
    import_moves_per_second: float
    """Both rates are moves per second of CPU time."""
    peak_mb_of_quarter: float
    peak_mb: float
    exact: bool = True

    @property
    def share_of_parser(self) -> float:
        """The import's rate divided by the bare parser's."""
        return self.import_moves_per_second / self.parser_moves_per_second


class StageResult(Struct, frozen=True):
    """One stage of the chain, or all of it."""

    stage: str
    seconds: Spread
    times_limit: Spread
    """The stage's seconds divided by the limit's seconds of the same round."""


class ProcessResult(Struct, frozen=True):
    """CPU time and peak memory of one kind of process while the chain ran."""

    process: str
    cpu_seconds: Spread | None
    peak_mb: Spread


class YearsResult(Struct, frozen=True):
    """Peak memory of the largest process of each kind, for one number of years."""

    years: str
    events: int
    peak_mb: dict[str, float]


class ChainResult(Struct, frozen=True):
    """What the chain took for a year, from Parquet to Prometheus blocks."""

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


class ImportRun(Struct, frozen=True):
    """One run of `make bench PARTS=import`, which measures the import alone.

    Attributes:
        load: mean number of processes that ran or waited to run in the minute before.
        imported: the fastest of its rounds.
    """

    on: date
    machine: Machine
    python: str
    rounds: int
    load: float
    imported: ImportResult


class AskedResult(Struct, frozen=True):
    """A question to the register: the fastest run of its command."""

    name: str
    seconds: float
    cpu_seconds: float


class StatementResult(Struct, frozen=True):
    """How long a terminal's year takes to compare with a statement of it that is the same."""

    lines: int
    seconds: float
    cpu_seconds: float
    peak_mb: float
    """Memory of the largest process."""


class RegisterResult(Struct, frozen=True):
    """How long the register of a year takes to make, to bring on by a day, and to ask.

    Attributes:
        peak_mb: memory of the largest process that made it.
        recount_seconds: the year's sum by a recount of the whole topic, without the register.
        reconciled: None in runs of before it was measured.
    """

    events: int
    file_mb: float
    first_seconds: float
    first_cpu_seconds: float
    peak_mb: float
    day_seconds: float
    day_cpu_seconds: float
    asked: tuple[AskedResult, ...]
    recount_seconds: float
    exact: bool
    reconciled: StatementResult | None = None


class RegisterRun(Struct, frozen=True):
    """One run of `make bench PARTS=register`.

    Attributes:
        load: mean number of processes that ran or waited to run in the minute before.
    """

    on: date
    machine: Machine
    python: str
    load: float
    register: RegisterResult


def append(path: Path, run: Measurement | ImportRun | RegisterRun) -> None:
    """Append a run to the results as one line."""
    with path.open("ab") as file:
        file.write(msgspec.json.encode(run) + b"\n")


def read(path: Path) -> list[Measurement]:
    """Return all whole runs, the oldest first."""
    return [msgspec.json.decode(line, type=Measurement) for line in path.read_bytes().splitlines()]


def newest_import(path: Path) -> ImportRun | None:
    """Return the newest run of the import alone, None if there is none."""
    lines = path.read_bytes().splitlines() if path.exists() else []
    return msgspec.json.decode(lines[-1], type=ImportRun) if lines else None


def newest_register(path: Path) -> RegisterRun | None:
    """Return the newest run of the register, None if there is none."""
    lines = path.read_bytes().splitlines() if path.exists() else []
    return msgspec.json.decode(lines[-1], type=RegisterRun) if lines else None
