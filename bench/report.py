"""What a system under test says of its own run, in a file that the bench reads."""

from pathlib import Path

import click
import msgspec
from msgspec import Struct

from contract.topics import MOVES

TOPIC = MOVES.name


class Task(Struct, frozen=True):
    """What a system is given: where to read, how many events, where to report and keep state."""

    bootstrap: str
    events: int
    folder: Path
    group: str

    @property
    def report(self) -> Path:
        """The file for the report."""
        return self.folder / "report.json"

    @property
    def arguments(self) -> tuple[str, ...]:
        """The task as command-line arguments, in this order for every system."""
        return (self.bootstrap, str(self.events), str(self.folder.absolute()), self.group)


class Report(Struct, frozen=True):
    """What it did; seconds run from the first event in hand to the last one done."""

    version: str
    events: int
    skipped: int
    """Duplicates that it left out."""
    seconds: float
    cpu_seconds: float
    sums: dict[str, int]
    """`terminal|day since 1970` -> hundredths of a TEU."""


def read(task: Task) -> Report:
    """The report of a run that has ended."""
    return msgspec.json.decode(task.report.read_bytes(), type=Report)


def write(task: Task, report: Report) -> None:
    """Leave the report."""
    task.report.write_bytes(msgspec.json.encode(report))


@click.command()
@click.argument("bootstrap")
@click.argument("events", type=int)
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("group")
def task_of(bootstrap: str, events: int, folder: Path, group: str) -> Task:
    """Read a task from the command line."""
    return Task(bootstrap, events, folder, group)


def given() -> Task:
    """The task in this process's arguments."""
    task = task_of(standalone_mode=False)
    assert isinstance(task, Task)
    return task
