"""The `projects` command: what the zone has reported of its projects until now."""

from datetime import date

import click
import structlog

from producers import simulate_projects
from producers.door import Door
from producers.sender import Sender

FIRST_DAY = date(2016, 1, 1)  # the zone's record of signings begins here

log = structlog.get_logger(__name__)


@click.command("projects")
@click.pass_obj
def command(door: Door) -> None:
    """Send the simulated zone's projects, stages and milestones until now.

    Example: python -m producers projects
    """
    now = door.now()
    today = now.astimezone(door.book.tz).date()
    due = simulate_projects.simulate(door.book, FIRST_DAY, today)

    async def send() -> None:
        async with Sender(door.settings, "projects") as sender:
            for at, event in due:
                if at <= now:
                    await sender.send(event, at)
        log.info("projects.sent", events=sender.sent.total())

    door.run(send())
