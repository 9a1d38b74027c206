"""up, down: everything that runs on this machine is started, supervised and stopped."""

from importlib.metadata import version

import click

from stack.context import CommandContext
from stack.processes import lock
from stack.processes.signals import signals_interrupt
from stack.processes.supervisor import Supervisor
from stack.service.readiness import notify
from stack.status import target_table
from stack.upgrade.change_list import own_changes
from stack.upgrade.version_notes import note_version

STOP_SECONDS = 60


@click.command()
@click.option(
    "--simulate/--no-simulate",
    default=None,
    help="Send the simulated port and zone, or targets only.  Default: as the last time; in a new "
    "folder simulated, unless the topics hold events of other sources.",
)
@click.option(
    "--story",
    is_flag=True,
    help="First load the simulated years 2019 and 2020, which meet the published totals.",
)
@click.pass_obj
def up(context: CommandContext, simulate: bool | None, story: bool) -> None:
    """Start everything, and load the simulated port's year.

    Kafka, Prometheus, Alertmanager, worker and simulator run as children of this process, until
    Ctrl-C or `quaymark down`.  The data stays, and the next `up` goes on with it.

    For a real port use --no-simulate, or simulated = false in quaymark.toml as `quaymark init`
    writes it: no invented move, project or figure is sent.

    Example: quaymark up --no-simulate
    """
    if story and simulate is False:
        raise click.UsageError("--story sends simulated moves: leave out --no-simulate")
    real = not context.book().port.simulated
    if real and (story or simulate):
        raise click.UsageError(
            f"{context.settings.book} says simulated = false, so no invented event is sent: leave "
            f"out {'--story' if story else '--simulate'}"
        )
    if real:
        context.say(f"only targets are sent: {context.settings.book} says simulated = false")
        simulate = False
    # a mistake in targets.toml ends the command before anything is started
    target_table.wanted(context.settings, context.book())
    begun = context.now()
    supervisor = Supervisor(context.settings, context.book(), context.environ, context.say)
    with lock.held(context.folder) as crashed, signals_interrupt():
        try:
            simulator = supervisor.start(simulate=simulate, story=story, after_crash=crashed)
            loads = simulator is not None
            notify(context.environ, "loads the year" if loads else "runs", ready=True)
            for line in note_version(
                context.folder, version("quaymark"), own_changes().ids, context.now()
            ):
                context.say(line)
            if simulator is not None:
                supervisor.wait_until_loaded(simulator)
                supervisor.start_history_load(begun)
                notify(context.environ, "runs")
            context.say("\nEverything runs.  Where to look:")
            for what, address in supervisor.addresses():
                context.say(f"  {what:15} {address}")
            context.say(
                "  in the terminal `quaymark status`\nCtrl-C or `quaymark down` stops all of it."
            )
            supervisor.supervise()
        except KeyboardInterrupt:
            context.say("stopping, in order; the data stays")
        finally:
            supervisor.stop()
        context.say("stopped")


@click.command()
@click.pass_obj
def down(context: CommandContext) -> None:
    """Stop what `up` started; the data stays.

    Example: quaymark down
    """
    pid = lock.stop_holder(context.folder, STOP_SECONDS)
    context.say("nothing runs" if pid is None else f"stopped (process {pid})")
