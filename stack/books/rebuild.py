"""The rebuild of the books: a group's state is deleted, so that its workers read all events again.

The group's offsets are reset first.  If the rebuild is cut short after that, workers read all
events again into books that already hold some of them, which changes nothing; run it again then.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from broker import groups
from broker.admin import create_topics, delete_topics, partitions
from broker.connection import Connection
from contract.errors import StackError
from contract.topics import (
    INDICATOR_VALUES,
    PROJECT_CARDS,
    TERMINAL_DAYS,
    TOPICS,
    WRITTEN_ONLY,
)

SNAPSHOTS = (TERMINAL_DAYS, PROJECT_CARDS, INDICATOR_VALUES)
"""What stage 1 sends to stage 2: its offsets begin again with the rebuilt books."""


def refuse_live_workers(connection: Connection, group: str) -> None:
    """Make sure that no worker writes to the books.

    Raises:
        StackError: the group has live workers; the message names their hosts.
    """
    if hosts := groups.hosts(connection, group):
        raise StackError(
            f"group {group} has {len(hosts)} live workers ({', '.join(sorted(set(hosts)))}): "
            "stop them first (`quaymark down`); one that was killed leaves the group after 8 s"
        )


def changelogs(connection: Connection, group: str) -> list[str]:
    """Return the changelogs of a group that exist on the broker."""
    ours = re.compile(re.escape(group) + "-[a-z]+-changelog")
    return sorted(name for name in partitions(connection) if ours.fullmatch(name))


def local_stores(folder: Path) -> list[Path]:
    """Return the folders of the workers' tables on this machine."""
    return sorted(path for path in folder.glob("worker-*") if path.is_dir())


def rebuild_books(connection: Connection, group: str, folder: Path) -> Iterator[str]:
    """Delete all state of the group, and yield a line after each step.

    Raises:
        StackError: the broker refuses a step, or is gone.
    """
    read = [topic for topic in TOPICS if topic not in WRITTEN_ONLY]
    groups.rewind(connection, group, read)
    yield f"group {group} reads from the beginning"
    for path in local_stores(folder):
        shutil.rmtree(path)
        yield f"removed  {path}"
    gone = [*changelogs(connection, group), *(topic.name for topic in SNAPSHOTS)]
    delete_topics(connection, gone)
    for name in create_topics(connection, SNAPSHOTS).created:
        yield f"emptied  {name}"
    for name in gone:
        if name.endswith("-changelog"):
            yield f"deleted  {name}"
