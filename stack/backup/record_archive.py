"""The records of a backup: the raw topics and what was rejected, as archives that go on."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

from archive.day_reader import DayReader
from archive.manifest import ArchiveManifest, Part
from broker.admin import cluster_id
from broker.connection import Connection
from contract.errors import StackError
from contract.settings import Settings
from contract.topics import RAW, REJECTED, Topic
from stack.backup.backup_manifest import BackupManifest, TopicCount

ARCHIVES: dict[str, tuple[Topic, ...]] = {"archive": RAW, "rejected": (REJECTED,)}
"""Folder below the backup's -> the topics in it; the first is one of `quaymark archive`."""


def extend_archives(
    folder: Path, settings: Settings, written: Callable[[Part], None]
) -> dict[str, TopicCount]:
    """Write what the topics hold beyond the archives; return how much of each there is now.

    Raises:
        StackError: no broker, no room, or the archives are those of another Kafka.
    """
    from archive.archiver import extend, remove_unfinished  # loads pyarrow, as few commands do

    connection = Connection.of(settings)
    cluster = cluster_id(connection)
    counts: dict[str, TopicCount] = {}

    async def go(manifest: ArchiveManifest, topics: tuple[Topic, ...]) -> None:
        async with DayReader(connection, settings.prefix) as reader:
            await extend(manifest, reader, topics, written)

    for name, topics in ARCHIVES.items():
        (folder / name).mkdir(exist_ok=True)
        manifest = ArchiveManifest.read(folder / name)
        manifest.begin(cluster)
        remove_unfinished(folder / name)
        asyncio.run(go(manifest, topics))
        counts |= counted(manifest, topics)
    return counts


def counted(manifest: ArchiveManifest, topics: tuple[Topic, ...]) -> dict[str, TopicCount]:
    """Topic -> how much an archive holds of it."""
    parts = {topic.name: manifest.of(topic.name) for topic in topics}
    return {
        name: TopicCount(len(found), sum(part.records for part in found))
        for name, found in parts.items()
    }


def archive_faults(folder: Path, whole: BackupManifest) -> Iterator[str]:
    """Yield what is wrong with the archives: damaged files, gaps, fewer files than there were."""
    from archive.verify import gaps

    for name, topics in ARCHIVES.items():
        try:
            manifest = ArchiveManifest.read(folder / name)
        except StackError as error:
            yield str(error)
            continue
        for topic, count in counted(manifest, topics).items():
            wanted = whole.topics.get(topic, TopicCount(0, 0))
            if count.files < wanted.files:
                yield (
                    f"{folder / name} names {count.files} files of {topic}, {wanted.files} were "
                    "written"
                )
        for gap in gaps(manifest):
            yield f"{folder / name}: {gap}"
