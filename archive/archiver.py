"""An archive made, or gone on with: topic by topic, day by day, from where the last file ends."""

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
    told: Callable[[Part], None],
    *,
    first: date | None = None,
    last: date | None = None,
) -> int:
    """Write what the topics hold beyond the manifest; gives how many records.

    `first` and `last` are days by which records are filed; a topic of which there is a file
    already goes on where it ends.

    Raises:
        StackError: no broker, no room, or `first` is before what the archive begins with.
    """
    written = 0
    since = None if first is None else datetime.combine(first, time(), UTC)
    for topic in topics:
        found = manifest.of(topic.name)
        if first is not None and found and first < found[0].day:
            raise StackError(
                f"{manifest.folder} begins with {found[0].day} for {topic.name}, and what lies "
                f"before can't be put in front: archive from {first} on into another folder"
            )
        reached = manifest.reached(topic.name)
        since_ms = None if since is None else int(since.timestamp() * 1000)
        async for stretch in reader.days(topic, reached, since_ms):
            if last is not None and stretch.day > last:
                break
            number = manifest.next_number(topic.name, stretch.day)
            part = parts.write(
                manifest.folder, topic.name, stretch.day, number, stretch.records, stretch.spans
            )
            manifest.add(part)
            told(part)
            written += part.records
    return written


def sweep(folder: Path) -> None:
    """Remove what a run that was killed had begun to write."""
    for making in folder.glob("*/*.making"):
        making.unlink()
