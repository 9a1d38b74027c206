"""The `projects` and `figures` commands: what the simulated zone has reported until now."""

from collections.abc import Iterable

import click
import structlog

from producers.context import ProducerContext
from producers.publish.sender import Sender
from producers.simulate import sample_data, simulated_zone
from producers.simulate.other_sources import (
    FIRST_DAY,
    refuse_other_sources,
    refuse_real_port,
)
from producers.simulate.sources import TimedEvent

log = structlog.get_logger(__name__)


YES = click.option(
    "--yes", is_flag=True, help="Send even if the live topics hold events of other sources."
)


@click.command("projects")
@YES
@click.pass_obj
def command(context: ProducerContext, yes: bool) -> None:
    """Send the zone's recorded projects and the simulated ones until now.

    Example: python -m producers projects
    """
    refuse_real_port(context.settings, context.book)
    events = simulated_zone.simulate(context.book, FIRST_DAY, context.today())
    _send(context, "projects", events, among_others=yes)


@click.command("figures")
@YES
@click.pass_obj
def figures(context: ProducerContext, yes: bool) -> None:
    """Send the zone's published figures until now.

    Example: python -m producers figures
    """
    refuse_real_port(context.settings, context.book)
    reported = sample_data.zone_figures(context.book)
    events = (TimedEvent(event.recordedtime, event) for event in reported)
    _send(context, "figures", events, among_others=yes)


def _send(
    context: ProducerContext, what: str, events: Iterable[TimedEvent], *, among_others: bool
) -> None:
    now = context.now()

    async def send() -> None:
        async with Sender(context.settings, what) as sender:
            if not among_others:
                await refuse_other_sources(context.settings, context.book, context.today())
            for at, event in events:
                if at <= now:
                    await sender.send(event, at)
        log.info(f"{what}.sent", events=sender.sent.total())

    context.run(send())
