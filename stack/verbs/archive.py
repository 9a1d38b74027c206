"""archive, archive verify: the raw topics are kept as Parquet files by day, and checked."""

import asyncio
from datetime import datetime
from pathlib import Path

import click
from rich.progress import BarColumn, Progress, TextColumn

from archive.day_reader import DayReader
from archive.manifest import ArchiveManifest, Part, held
from broker.admin import cluster_id
from broker.connection import Connection
from contract.errors import StackError
from contract.topics import RAW
from stack.context import CommandContext
from stack.processes.broker_session import running_broker

DAY = click.DateTime(["%Y-%m-%d"])
FOLDER = click.Path(file_okay=False, path_type=Path)


class _MakesByDefault(click.Group):
    """A group whose bare form is its first command: `archive DIR` is `archive make DIR`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["make", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_MakesByDefault, options_metavar="[DIR]|verify [DIR]", subcommand_metavar="")
def archive() -> None:
    """Keep the raw topics as Parquet files by day.

    Each run goes on where the last one stopped.

    An archive is all that is needed to make every book and KPI anew: `quaymark replay
    --from-archive DIR --into live`.  DIR is `archive` below QUAYMARK_FOLDER if not given.

    Example: quaymark archive /backup/port --to 2020-12-31
    """


@archive.command()
@click.argument("folder", metavar="[DIR]", required=False, type=FOLDER)
@click.option("--from", "since", type=DAY, help="First day; default: all that the topics hold.")
@click.option("--to", "until", type=DAY, help="Last day; default: up to now.")
@click.pass_obj
def make(
    context: CommandContext, folder: Path | None, since: datetime | None, until: datetime | None
) -> None:
    """Write the records of the raw topics that the archive does not hold yet.

    A record belongs to a day in UTC: that of the greatest timestamp in its partition so far.

    Example: quaymark archive make /backup/port --to 2020-12-31
    """
    from archive.archiver import extend, sweep  # loads pyarrow, which no other command needs

    if since and until and until < since:
        raise click.UsageError(f"--to {until:%Y-%m-%d} is before --from {since:%Y-%m-%d}")
    if since and since.date() > context.now().date():
        raise click.UsageError(f"--from {since:%Y-%m-%d} lies in the future")
    settings, folder = context.settings, folder or context.folder / "archive"
    with (
        held(folder),
        running_broker(settings, context.say),
        Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f} records"),
            console=context.console,
            transient=True,
            disable=not context.console.is_terminal,
        ) as progress,
    ):
        manifest = ArchiveManifest.read(folder)
        connection = Connection.of(settings)
        manifest.begin(cluster_id(connection))
        sweep(folder)
        bar = progress.add_task("archiving", total=None)

        def show_progress(part: Part) -> None:
            progress.update(bar, advance=part.records, description=f"{part.topic}  {part.day}")

        async def write_parts() -> int:
            async with DayReader(connection, settings.prefix) as reader:
                return await extend(
                    manifest,
                    reader,
                    RAW,
                    show_progress,
                    first=since.date() if since else None,
                    last=until.date() if until else None,
                )

        written = asyncio.run(write_parts())
    for line in in_words(manifest):
        context.say(line)
    context.say(f"{written:,} records added to {folder}")


@archive.command()
@click.argument("folder", metavar="[DIR]", required=False, type=FOLDER)
@click.pass_obj
def verify(context: CommandContext, folder: Path | None) -> None:
    """Read every file and compare checksums, counts and offsets with the manifest.

    Exits with 1 and names the days of which something is missing or damaged, if there are any.

    Example: quaymark archive verify /backup/port
    """
    from archive.verify import gaps

    folder = folder or context.folder / "archive"
    manifest = ArchiveManifest.read(folder)
    if manifest.head is None:
        raise StackError(
            f"{folder} is no archive: it has no manifest; `quaymark archive` makes one"
        )
    found = list(gaps(manifest, thoroughly=True))
    for line in (*in_words(manifest), *map(str, found)):
        context.say(line)
    if found:
        raise StackError(
            f"{folder} is not complete: {len({(gap.topic, gap.day) for gap in found})} days of a "
            "topic are missing or damaged; docs/replay.md says what to do"
        )
    context.say(f"{folder} is complete: {len(manifest.parts):,} files are as they were written")


def in_words(manifest: ArchiveManifest) -> list[str]:
    """Return one line for each topic: its days, records and bytes."""
    lines = []
    for topic in RAW:
        if found := manifest.of(topic.name):
            days = sorted({part.day for part in found})
            lines.append(
                f"{topic.name:22} {days[0]} to {days[-1]}  {len(days):>5,} days  "
                f"{sum(part.records for part in found):>11,} records  "
                f"{sum(part.size for part in found) / 1e6:>8,.1f} MB"
            )
    return lines
