"""replay: history into the live books, or into a run of its own."""

import os
import sys
from datetime import datetime
from pathlib import Path

import click

from contract.errors import Misconfigured
from stack.context import CommandContext
from stack.processes import lock
from stack.processes.broker_session import kafka_at_hand
from stack.processes.signals import signals_interrupt
from stack.runs.registry import ReplayRun, RunRegistry
from stack.runs.run_processes import RunProcesses
from stack.status.exposition import Exposition
from stack.status.headline import sections
from stack.verbs.runs import as_of

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--into", type=click.Choice(["live"]), help="The live books: fills gaps.")
@click.option("--run", "name", metavar="NAME", help="Books of its own, beside the live ones.")
@click.option("--from", "since", type=DAY, metavar="DAY", help="First day, in the port's zone.")
@click.option("--to", "until", type=DAY, metavar="DAY", help="Last day.")
@click.option(
    "--by",
    type=click.Choice(["event", "append"]),
    default="event",
    show_default=True,
    help="Which time --from and --to mean: when it happened, or when it was sent.",
)
@click.option("--from-archive", type=click.Path(path_type=Path), metavar="DIR", help="An archive.")
@click.option("--from-run", metavar="NAME", help="The topics of a run.")
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    metavar="N",
    help="N seconds of history in one of ours; as fast as it goes if not given.",
)
@click.option("--allow-gaps", is_flag=True, help="Leave out days that are missing or damaged.")
@click.option(
    "--targets", type=click.Path(exists=True, dir_okay=False), help="What if: a run's own targets."
)
@click.option("--alerts", is_flag=True, help="Send a run's alerts, marked as a drill.")
@click.option("--workers", type=click.IntRange(1, 4), default=1, help="Of a run.")
@click.option("--end", is_flag=True, help="End a run's workers once all is booked.")
@click.pass_obj
def replay(
    desk: CommandContext,
    /,
    paths: tuple[str, ...],
    into: str | None,
    name: str | None,
    targets: str | None,
    alerts: bool,
    workers: int,
    end: bool,
    speed: float | None,
    **source: object,
) -> None:
    """Send history again, into the live books or a run.

    History comes from the live topics, or from an archive, a run, or files (PATH) that `quaymark
    import` reads.  Each record keeps its time, so books are as they were then; what is booked
    already counts once.  A run has topics, tables and a clock of its own, and the label `run`.

    Example: quaymark replay --from 2019-01-01 --to 2019-12-31 --run what-if --targets what-if.toml
    """
    if desk.settings.run:
        raise Misconfigured("QUAYMARK_RUN is set: say --run instead, and leave the live books be")
    if (into is None) == (name is None):
        raise click.UsageError("say where to: --into live, or --run NAME")
    history = (*_options(source), *(str(Path(path).absolute()) for path in paths))
    pace = () if speed is None else ("--speed", str(speed))
    if name is None:
        if targets or alerts or end or workers > 1:
            raise click.UsageError("--targets, --alerts, --workers and --end are for a --run")
        line = [sys.executable, "-m", "producers", "replay", *history, *pace]
        with kafka_at_hand(desk.settings, desk.say):
            sys.exit(os.spawnve(os.P_WAIT, sys.executable, line, dict(desk.environ)))
    runs = RunRegistry(desk.settings)
    targets = None if targets is None else str(Path(targets).absolute())
    wanted = ReplayRun(name, desk.now(), history, targets, alerts)
    sys.exit(_run(desk, runs, wanted, pace, workers, end=end))


def _run(
    desk: CommandContext,
    runs: RunRegistry,
    wanted: ReplayRun,
    pace: tuple[str, ...],
    workers: int,
    *,
    end: bool,
) -> int:
    """Do a run, or go on with it; the exit code."""
    folder = runs.folder(wanted.name)
    if (pid := lock.holder(folder)) is not None:
        raise Misconfigured(
            f"run {wanted.name} is running, as process {pid}: end that first, or take another name"
        )
    with kafka_at_hand(desk.settings, desk.say), signals_interrupt():
        with lock.held(folder):
            code = _held_run(desk, runs, runs.begin(wanted), pace, workers, end=end)
        if code == 2 and runs.reached(wanted.name) is None:
            for _ in runs.drop(wanted.name):  # nothing came of it: it leaves no trace
                pass
    return code


def _held_run(
    desk: CommandContext,
    runs: RunRegistry,
    run: ReplayRun,
    pace: tuple[str, ...],
    workers: int,
    *,
    end: bool,
) -> int:
    """Do a run that nobody else does; the exit code."""
    trial = RunProcesses(desk.settings, runs, run, desk.environ, desk.say)
    code = 0
    try:
        trial.open(workers)
        code = trial.replay(pace)
        if code == 0:
            _show(desk, trial.settle(), run)
            if not end:
                desk.say(f'its series bear the label run="{run.name}"; Ctrl-C ends its workers')
                trial.keep()
    except KeyboardInterrupt:
        if not runs.is_over(run.name):
            desk.say(f"run {run.name} stopped; the same command goes on with it")
            code = code or 130
    finally:
        trial.close()
    return code


def _show(desk: CommandContext, figures: str, run: ReplayRun) -> None:
    samples = Exposition(figures)
    at = as_of(samples) or desk.now()
    port = next(iter(sections(samples, desk.book(), at)))
    desk.say(f"run {run.name}: {port.title}")
    for what, figure in port.rows:
        desk.say(f"  {what:26} {figure}")


def _options(source: dict[str, object]) -> tuple[str, ...]:
    """What picks the history, in the words of the producers' command."""
    said: list[str] = []
    for name, value in source.items():
        option = {"since": "--from", "until": "--to"}.get(name, f"--{name.replace('_', '-')}")
        if isinstance(value, datetime):
            said += (option, f"{value:%Y-%m-%d}")
        elif isinstance(value, Path):
            said += (option, str(value.absolute()))
        elif value is True:
            said.append(option)
        elif isinstance(value, str) and (name, value) != ("by", "event"):
            said += (option, value)
    return tuple(said)
