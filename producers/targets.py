"""targets.toml as events: each target is a fact with a date."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
import structlog

from contract.events import Target, TargetSet
from contract.targets import read_targets
from producers.door import Door, text_of
from producers.sender import Sender

SOURCE = "/quaymark/targets"

log = structlog.get_logger(__name__)


def targets_set(targets: tuple[Target, ...], at: datetime) -> Iterator[TargetSet]:
    """The events that set the targets of a file last changed `at`.

    The id is made of the content: an unchanged target sent again is the same event, a changed one
    is another.
    """
    for target in targets:
        content = hashlib.blake2b(msgspec.json.encode(target), digest_size=8).hexdigest()
        yield TargetSet(
            specversion="1.0",
            id=f"{target.owner}|{target.target}|{target.period}|{content}",
            source=SOURCE,
            time=at,
            recordedtime=at,
            data=target,
        )


@click.command("targets")
@click.pass_obj
def command(door: Door) -> None:
    """Send the targets of targets.toml.

    Example: python -m producers targets
    """
    path = door.settings.targets
    targets = read_targets(text_of(path), path)
    changed = datetime.fromtimestamp(int(Path(path).stat().st_mtime), UTC)
    events = tuple(targets_set(targets, changed))

    async def send() -> None:
        async with Sender(door.settings, "targets") as sender:
            await sender.send_many(events)
        log.info("targets.sent", path=path, targets=len(events))

    door.run(send())
