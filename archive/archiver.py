"""The archiver: it writes the topics day by day, each from where its last file ends."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

from archive import part as parts
from archive.day_reader import DayReader
from archive.manifest import ArchiveManifest, Part
from contract.errors import StackError
from contract.topics import Topic


async def extend(
    manifest: ArchiveManifest,
    reader: DayReader,
    topics: Sequence[Topic],
    on_written: Callable[[Part], None],
    *,
    first: date | None = None,
    last: date | None = None,
) -> int:
    """Write the records that the manifest does not cover yet; return how many were written.

    `first` and `last` limit the days under which records are filed.  A topic that already has a
    file goes on where that file ends.  `on_written` is called with each file.

    Raises:
        StackError: no broker, no disk space, or `first` is before the archive's first day.
    """
    written = 0
    since = None if first is None else datetime.combine(first, time(), UTC)
    for topic in topics:
        found = manifest.of(topic.name)
        if first is not None and found and first < found[0].day:
            raise StackError(
                f"{manifest.folder} begins with {found[0].day} for {topic.name}, and earlier days "
                f"can't be added to it: archive from {first} on into another folder"
            )
        reached = manifest.reached(topic.name)
        since_ms = None if since is None else int(since.timestamp() * 1000)
        async for filed in reader.days(topic, reached, since_ms):
            if last is not None and filed.day > last:
                break
            number = manifest.next_number(topic.name, filed.day)
            part = parts.write(
                manifest.folder,
                topic.name,
                filed.day,
                number,
                filed.records,
                filed.spans,
            )
            manifest.add(part)
            on_written(part)
            written += part.records
    return written


def remove_unfinished(folder: Path) -> None:
    """Remove the files that a killed run had not finished."""
    for unfinished in folder.glob("*/*.making"):
        unfinished.unlink()
