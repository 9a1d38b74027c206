"""backup, restore: all that a port needs to go on elsewhere, in one folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import click
from rich.progress import BarColumn, Progress, TextColumn

from archive.last_backup import LastBackup, note_backup
from archive.manifest import Part
from contract.errors import Misconfigured, StackError
from contract.settings import PREFIX, Settings
from contract.topics import REJECTED
from stack.backup.backup_manifest import BackupManifest, BackupPart, read_manifest
from stack.backup.backup_store import one_writer
from stack.backup.backup_writer import Backup, BackupSource
from stack.backup.restore import (
    Restore,
    RestoreTarget,
    in_the_way,
    refuse_no_backup,
    refuse_unfit,
    set_aside,
)
from stack.context import CommandContext
from stack.processes import lock
from stack.processes.broker_session import running_broker
from stack.processes.disk_space import refuse_full_disk
from stack.service import env_file

VERSION = version("quaymark")
RECORD_BYTES = 120  # of a move in Kafka, compressed; a year of 2.2 million takes 250 MB
_FOLDER = click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))


@click.command()
@_FOLDER
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Prometheus's data folder, where it can't say itself.",
)
@click.pass_obj
def backup(context: CommandContext, folder: Path, data: Path | None) -> None:
    """Back up records, settings, silences and samples into a folder.

    A second backup into the same DIR adds only what is new, and what kills it leaves the last one
    whole.  Secrets are left out and named.  Exits with 1 if a server's part could not be read.

    Example: quaymark backup /backup/port
    """
    settings = context.settings
    source = BackupSource(settings, Path.cwd(), VERSION, data)
    with one_writer(folder), _disk_refuses(folder):
        making = Backup(source, folder, read_manifest(folder), context.say)
        with running_broker(settings, context.say), _bar(context) as progress:
            bar = progress.add_task("records", total=None)
            added = 0

            def written(part: Part) -> None:
                nonlocal added
                added += part.records
                progress.update(bar, advance=part.records, description=f"{part.topic}  {part.day}")

            making.records(context.now(), written)
        making.rest(context.now())
        whole = making.finish(context.now())
        note_backup(context.folder, LastBackup(str(folder.absolute()), whole.made_at))
    for line in in_words(whole):
        context.say(line)
    context.say(
        f"{added:,} records and {making.added_bytes / 1e6:,.1f} MB of files added to {folder}; "
        f"`quaymark restore {folder} --dry-run` checks it"
    )
    if making.problems:
        raise StackError("the backup lacks something:\n  " + "\n  ".join(making.problems))


@click.command()
@_FOLDER
@click.option("--dry-run", is_flag=True, help="Check every file, and change nothing.")
@click.option(
    "--replace", is_flag=True, help="Set aside (rename) the data and the settings that are there."
)
@click.pass_obj
def restore(context: CommandContext, folder: Path, dry_run: bool, replace: bool) -> None:
    """Restore a backup into this folder.

    The next `quaymark up` counts its records again.  A folder that has data is refused.  Until all
    is there nothing lies where `up` looks, so a restore that was killed is simply run again.

    Example: quaymark restore /backup/port
    """
    whole = refuse_no_backup(folder, read_manifest(folder))
    refuse_unfit(folder, whole, VERSION)
    for line in in_words(whole):
        context.say(line)
    target = _target(context, folder, whole)
    found = list(in_the_way(target, folder, whole))
    if dry_run:
        context.say(f"{folder} is whole: {len(whole.files):,} files and the archives")
        for path in found:
            context.say(f"in the way: {path}")
        return
    if found and not replace:
        raise Misconfigured(
            "these are there already: "
            + ", ".join(map(str, found))
            + "; --replace renames them and restores, an empty folder needs nothing"
        )
    if holder := lock.holder(target.data):
        raise StackError(f"the port runs, as process {holder}: `quaymark down` stops it")
    _refuse_small_disk(target, whole)
    with _disk_refuses(target.data):
        for line in set_aside(found, context.now()):
            context.say(line)
        with lock.held(target.data):
            Restore(target, folder.absolute(), whole, context.say).run(context.now())
    for line in whole.left_out:
        context.say(f"not in the backup: {line}")
    context.say(
        f"restored as of {whole.made_at:%Y-%m-%d %H:%M %Z}.  Next: `quaymark up`, then `quaymark "
        "books verify`.  This Kafka is a new one: give its backups a new folder"
    )


def in_words(whole: BackupManifest) -> Iterator[str]:
    """Say what a backup holds: a line for each topic and part."""
    yield f"backup of {whole.made_at:%Y-%m-%d %H:%M %Z}, by quaymark {whole.version}"
    for topic, count in whole.topics.items():
        yield f"  {topic:22} {count.records:>11,} records"
    for part in BackupPart:
        if found := whole.of(part):
            size = sum(file.size for file in found.values())
            as_of = whole.parts[part]
            yield (
                f"  {part:22} {len(found):>11,} files  {size / 1e6:>8,.1f} MB  "
                f"as of {as_of:%Y-%m-%d %H:%M}"
            )
    for line in whole.left_out:
        yield f"  not in it: {line}"


def _target(context: CommandContext, folder: Path, whole: BackupManifest) -> RestoreTarget:
    """Return where to restore: by the environment, and by the .env of the backup behind it."""
    environ = dict(context.environ)
    if stored := whole.of(BackupPart.SETTINGS).get(env_file.NAME):
        kept = env_file.read_env_file(folder / stored.path)
        ours = {name: value for name, value in kept.items() if name.startswith(PREFIX)}
        environ = {**ours, **environ}
    return RestoreTarget(Settings.from_env(environ), Path.cwd(), environ, VERSION)


def _refuse_small_disk(target: RestoreTarget, whole: BackupManifest) -> None:
    """Say so before anything is written if the backup's blocks would not fit.

    Raises:
        StackError: there is not enough room.
    """
    needed = sum(file.size for file in whole.files)
    records = sum(count.records for name, count in whole.topics.items() if name != REJECTED.name)
    needed += records * RECORD_BYTES
    refuse_full_disk(target.data, needed, "the backup")


@contextmanager
def _disk_refuses(folder: Path) -> Iterator[None]:
    """Say which file a disk refused, and that nothing half-made counts."""
    try:
        yield
    except OSError as error:
        raise StackError(
            f"{error.filename or folder}: {error.strerror or error}; make room or mend that, then "
            "run it again: nothing half-made counts"
        ) from None


def _bar(context: CommandContext) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} records"),
        console=context.console,
        transient=True,
        disable=not context.console.is_terminal,
    )
