"""The `projects` and `figures` commands: what the simulated zone has reported until now."""

from collections.abc import Iterable
from datetime import date

import click
import structlog

from producers.context import ProducerContext
from producers.publish.sender import Sender
from producers.simulate import sample_data, simulated_zone
from producers.simulate.sources import TimedEvent

FIRST_DAY = date(2016, 1, 1)  # the zone's record of signings begins here

log = structlog.get_logger(__name__)


@click.command("projects")
@click.pass_obj
def command(context: ProducerContext) -> None:
    """Send the zone's recorded projects and the simulated ones until now.

    Example: python -m producers projects
    """
    today = context.now().astimezone(context.book.tz).date()
    _send(context, "projects", simulated_zone.simulate(context.book, FIRST_DAY, today))


@click.command("figures")
@click.pass_obj
def figures(context: ProducerContext) -> None:
    """Send the zone's published figures until now.

    Example: python -m producers figures
    """
    reported = sample_data.zone_figures(context.book)
    _send(context, "figures", (TimedEvent(event.recordedtime, event) for event in reported))


def _send(context: ProducerContext, what: str, events: Iterable[TimedEvent]) -> None:
    now = context.now()

    async def send() -> None:
        async with Sender(context.settings, what) as sender:
            for at, event in events:
                if at <= now:
                    await sender.send(event, at)
        log.info(f"{what}.sent", events=sender.sent.total())

    context.run(send())
