"""targets.toml as events: what differs from what stands is said, dated and signed."""

import getpass
import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import msgspec
import structlog
from msgspec.structs import replace

from contract.events import TargetSet
from contract.target_changes import TargetChange, changes, in_words
from contract.target_file import read_targets
from producers.context import ProducerContext, text_of
from producers.publish.current_targets import standing_targets
from producers.publish.sender import Sender

SOURCE = "/quaymark/targets"
NEWER = timedelta(milliseconds=1)

log = structlog.get_logger(__name__)


def targets_set(
    found: Iterable[TargetChange], changed_at: datetime, now: datetime, by: str, path: str
) -> Iterator[TargetSet]:
    """The events that make a file stand that was last changed at `changed_at`, sent by somebody.

    The id is made of the content, so that sending the same change again is the same event.  A
    record is dated after the one that it replaces, whatever the clocks say.
    """
    for change in found:
        recorded = now
        if change.stands is not None:
            recorded = max(now, change.stands.recordedtime + NEWER)
        target = change.wanted
        if target is None:
            assert change.stands is not None
            target = replace(change.stands.data, withdrawn=True)
        content = hashlib.blake2b(msgspec.json.encode(target), digest_size=8).hexdigest()
        yield TargetSet(
            specversion="1.0",
            id=f"{target.key}|{content}",
            source=f"{SOURCE}/{by}",
            subject=path,
            time=min(changed_at, now),
            recordedtime=recorded,
            data=target,
        )


@click.command("targets")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
@click.option("--by", metavar="NAME", help="Who sets them; the user of this process without it.")
@click.pass_obj
def command(door: ProducerContext, dry_run: bool, by: str | None) -> None:
    """Make targets.toml stand: send what differs from what stands, and nothing else.

    A target that is no longer in the file is withdrawn.

    Example: python -m producers targets --dry-run
    """
    path = door.settings.targets
    wanted = read_targets(text_of(path), path)
    changed_at = datetime.fromtimestamp(Path(path).stat().st_mtime, UTC)
    signed = (by or _user()).replace("/", "-")

    async def send() -> None:
        async with Sender(door.settings, "targets") as sender:
            found = changes(wanted, await standing_targets(door.settings))
            for line in in_words(found):
                click.echo(line)
            events = tuple(targets_set(found, changed_at, door.now(), signed, Path(path).name))
            if not dry_run:
                await sender.send_many(events)
        standing = f"{len(wanted)} targets of {path} stand"
        if dry_run:
            click.echo(f"{len(events)} would be sent; nothing was")
        else:
            click.echo(f"{len(events)} sent; {standing}" if events else f"unchanged: {standing}")
            log.info("targets.sent", path=path, targets=len(wanted), sent=len(events))

    door.run(send())


def _user() -> str:
    """Who runs this process; a container may run it under a number that has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unnamed"
