"""replay: history is sent again, into the live books or into a run of its own."""

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TypedDict, Unpack

import click

from contract.errors import Misconfigured
from stack.context import CommandContext
from stack.processes import lock
from stack.processes.broker_session import running_broker
from stack.processes.signals import signals_interrupt
from stack.runs.registry import ReplayRun, RunRegistry
from stack.runs.run_processes import RunProcesses
from stack.status.exposition import Exposition
from stack.status.headline import sections
from stack.verbs.runs import as_of

DAY = click.DateTime(["%Y-%m-%d"])


class HistoryOptions(TypedDict):
    """The options that select the history, as click passes them."""

    since: datetime | None
    until: datetime | None
    by: str
    from_archive: Path | None
    from_run: str | None
    allow_gaps: bool


class ReplayOptions(HistoryOptions):
    """All options of `replay`, as click passes them."""

    into: str | None
    name: str | None
    speed: float | None
    targets: str | None
    alerts: bool
    workers: int
    end: bool


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
    help="Whether --from and --to mean when events happened, or when they were sent.",
)
@click.option("--from-archive", type=click.Path(path_type=Path), metavar="DIR", help="An archive.")
@click.option("--from-run", metavar="NAME", help="The topics of a run.")
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    metavar="N",
    help="N seconds of history in one second; default: as fast as possible.",
)
@click.option("--allow-gaps", is_flag=True, help="Leave out days that are missing or damaged.")
@click.option(
    "--targets",
    type=click.Path(exists=True, dir_okay=False),
    help="A file with targets for the run, in place of those in its history.",
)
@click.option("--alerts", is_flag=True, help="Send the run's alerts, marked as a drill.")
@click.option("--workers", type=click.IntRange(1, 4), default=1, help="Workers of the run.")
@click.option("--end", is_flag=True, help="End the run's workers once all events are booked.")
@click.pass_obj
def replay(
    context: CommandContext, paths: tuple[str, ...], **options: Unpack[ReplayOptions]
) -> None:
    """Send history again, into the live books or a run.

    History comes from the live topics, or from an archive, a run, or files (PATH) that `quaymark
    import` reads.  Each record keeps its timestamp, so events are booked as they were then; an
    event that is already in the books counts once.  A run has its own topics, tables and clock,
    and its series have the label `run`.

    Example: quaymark replay --from 2019-01-01 --to 2019-12-31 --run what-if --targets what-if.toml
    """
    name, targets, alerts = options["name"], options["targets"], options["alerts"]
    workers, end = options["workers"], options["end"]
    if context.settings.run:
        raise Misconfigured("QUAYMARK_RUN is set: unset it, and name the run with --run")
    if (options["into"] is None) == (name is None):
        raise click.UsageError("give one destination: --into live, or --run NAME")
    history = (*_history_arguments(options), *(str(Path(path).absolute()) for path in paths))
    pace = () if options["speed"] is None else ("--speed", str(options["speed"]))
    if name is None:
        if targets or alerts or end or workers > 1:
            raise click.UsageError("--targets, --alerts, --workers and --end need --run NAME")
        line = [sys.executable, "-m", "producers", "replay", *history, *pace]
        with running_broker(context.settings, context.say):
            sys.exit(os.spawnve(os.P_WAIT, sys.executable, line, dict(context.environ)))
    own_targets = None if targets is None else str(Path(targets).absolute())
    wanted = ReplayRun(name, context.now(), history, own_targets, alerts)
    sys.exit(_replay_run(context, wanted, pace, workers, end=end))


def _replay_run(
    context: CommandContext, wanted: ReplayRun, pace: tuple[str, ...], workers: int, *, end: bool
) -> int:
    """Begin a run or go on with it, and return the exit code."""
    runs = RunRegistry(context.settings)
    folder = runs.folder(wanted.name)
    if (pid := lock.holder(folder)) is not None:
        raise Misconfigured(
            f"run {wanted.name} is running, as process {pid}: end that first, or take another name"
        )
    with running_broker(context.settings, context.say), signals_interrupt():
        with lock.held(folder):
            run = runs.begin(wanted)
            processes = RunProcesses(context, runs, run)
            code = _replay_locked(context, processes, pace, workers, end=end)
        if code == 2 and runs.reached(wanted.name) is None:
            for _ in runs.drop(wanted.name):  # nothing was sent, so no trace of the run is left
                pass
    return code


def _replay_locked(
    context: CommandContext,
    processes: RunProcesses,
    pace: tuple[str, ...],
    workers: int,
    *,
    end: bool,
) -> int:
    """Replay a run while its lock is held, and return the exit code."""
    run, code = processes.run, 0
    try:
        processes.start(workers)
        code = processes.replay(pace)
        if code == 0:
            _show_figures(context, processes.wait_until_booked(), run)
            if not end:
                context.say(f'its series have the label run="{run.name}"; Ctrl-C ends its workers')
                processes.supervise()
    except KeyboardInterrupt:
        if not processes.is_over():
            context.say(f"run {run.name} stopped; the same command goes on with it")
            code = code or 130
    finally:
        processes.stop()
    return code


def _show_figures(context: CommandContext, figures: str, run: ReplayRun) -> None:
    samples = Exposition(figures)
    at = as_of(samples) or context.now()
    port = next(iter(sections(samples, context.book(), at)))
    context.say(f"run {run.name}: {port.title}")
    for what, figure in port.rows:
        context.say(f"  {what:26} {figure}")


def _history_arguments(options: HistoryOptions) -> tuple[str, ...]:
    """Return the options that select the history, as arguments of the producers' command."""
    arguments: list[str] = []
    for option, day in (("--from", options["since"]), ("--to", options["until"])):
        if day is not None:
            arguments += (option, f"{day:%Y-%m-%d}")
    if options["by"] != "event":
        arguments += ("--by", options["by"])
    if options["from_archive"] is not None:
        arguments += ("--from-archive", str(options["from_archive"].absolute()))
    if options["from_run"] is not None:
        arguments += ("--from-run", options["from_run"])
    if options["allow_gaps"]:
        arguments.append("--allow-gaps")
    return tuple(arguments)
