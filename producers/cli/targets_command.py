"""The `targets` command: targets.toml is sent as events, as far as it changes the targets."""

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
from contract.target_changes import TargetChange, change_lines, changes
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
    """Yield the events that bring the targets to the state of the file.

    `changed_at` is when the file was changed, `by` who sends it.  The id is a hash of the content,
    so that the same change sent again is the same event.  A record is dated after the record that
    it replaces, even if the clocks disagree.
    """
    for change in found:
        recorded = now
        if change.current is not None:
            recorded = max(now, change.current.recordedtime + NEWER)
        target = change.wanted
        if target is None:
            assert change.current is not None
            target = replace(change.current.data, withdrawn=True)
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
@click.option("--dry-run", is_flag=True, help="Show what would be sent, and send nothing.")
@click.option("--by", metavar="NAME", help="Who sets the targets; by default you.")
@click.pass_obj
def command(context: ProducerContext, dry_run: bool, by: str | None) -> None:
    """Send the targets of targets.toml that differ from those in Kafka.

    A target that is no longer in the file is withdrawn.

    Example: python -m producers targets --dry-run
    """
    path = context.settings.targets
    wanted = read_targets(text_of(path), path)
    changed_at = datetime.fromtimestamp(Path(path).stat().st_mtime, UTC)
    signed = (by or _user()).replace("/", "-")

    async def send() -> None:
        async with Sender(context.settings, "targets") as sender:
            found = changes(wanted, await standing_targets(context.settings))
            for line in change_lines(found):
                click.echo(line)
            events = tuple(targets_set(found, changed_at, context.now(), signed, Path(path).name))
            if not dry_run:
                await sender.send_many(events)
        standing = f"{len(wanted)} targets of {path} stand"
        if dry_run:
            click.echo(f"{len(events)} would be sent; nothing was")
        else:
            click.echo(f"{len(events)} sent; {standing}" if events else f"unchanged: {standing}")
            log.info("targets.sent", path=path, targets=len(wanted), sent=len(events))

    context.run(send())


def _user() -> str:
    """Return the user of this process; in a container the user id may have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unnamed"
