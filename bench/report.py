"""The report that a system under test writes about its run to a file that the bench reads."""

from pathlib import Path

import click
import msgspec
from msgspec import Struct

from contract.topics import MOVES

TOPIC = MOVES.name


class Task(Struct, frozen=True):
    """The task of a system: its broker, number of events, folder (report, state) and group."""

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
        """The task as command-line arguments, in the same order for every system."""
        return (self.bootstrap, str(self.events), str(self.folder.absolute()), self.group)


class Report(Struct, frozen=True):
    """What a system did; its seconds run from the first event received to the last one counted."""

    version: str
    events: int
    skipped: int
    """Duplicates that the system did not count."""
    seconds: float
    cpu_seconds: float
    sums: dict[str, int]
    """`terminal|day since 1970` -> hundredths of a TEU."""


def read(task: Task) -> Report:
    """Return the report of a run that has ended."""
    return msgspec.json.decode(task.report.read_bytes(), type=Report)


def write(task: Task, report: Report) -> None:
    """Write the report of a run."""
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
    """Return the task that this process's arguments hold."""
    task = task_of(standalone_mode=False)
    assert isinstance(task, Task)
    return task
