"""The `projects` and `figures` commands: what the zone has reported until now."""

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
def command(door: ProducerContext) -> None:
    """Send the zone's book, and how its projects are simulated to go on until now.

    Example: python -m producers projects
    """
    today = door.now().astimezone(door.book.tz).date()
    _send(door, "projects", simulated_zone.simulate(door.book, FIRST_DAY, today))


@click.command("figures")
@click.pass_obj
def figures(door: ProducerContext) -> None:
    """Send the zone's published figures until now.

    Example: python -m producers figures
    """
    reported = sample_data.zone_figures(door.book)
    _send(door, "figures", (TimedEvent(event.recordedtime, event) for event in reported))


def _send(door: ProducerContext, what: str, dues: Iterable[TimedEvent]) -> None:
    now = door.now()

    async def send() -> None:
        async with Sender(door.settings, what) as sender:
            for at, event in dues:
                if at <= now:
                    await sender.send(event, at)
        log.info(f"{what}.sent", events=sender.sent.total())

    door.run(send())
