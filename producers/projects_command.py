"""The `projects` and `figures` commands: what the zone has reported until now."""

from collections.abc import Iterable
from datetime import date

import click
import structlog

from producers import shipped, simulate_projects
from producers.door import Door
from producers.sender import Sender
from producers.sources import Due

FIRST_DAY = date(2016, 1, 1)  # the zone's record of signings begins here

log = structlog.get_logger(__name__)


@click.command("projects")
@click.pass_obj
def command(door: Door) -> None:
    """Send the zone's book, and how its projects are simulated to go on until now.

    Example: python -m producers projects
    """
    today = door.now().astimezone(door.book.tz).date()
    _send(door, "projects", simulate_projects.simulate(door.book, FIRST_DAY, today))


@click.command("figures")
@click.pass_obj
def figures(door: Door) -> None:
    """Send the zone's published figures until now.

    Example: python -m producers figures
    """
    reported = shipped.zone_figures(door.book)
    _send(door, "figures", (Due(event.recordedtime, event) for event in reported))


def _send(door: Door, what: str, dues: Iterable[Due]) -> None:
    now = door.now()

    async def send() -> None:
        async with Sender(door.settings, what) as sender:
            for at, event in dues:
                if at <= now:
                    await sender.send(event, at)
        log.info(f"{what}.sent", events=sender.sent.total())

    door.run(send())
