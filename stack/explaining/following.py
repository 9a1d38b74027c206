"""The register is brought up to date: it takes what Kafka got since it was last read."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import Progress

from broker.admin import cluster_id
from broker.connection import Connection, consuming
from broker.reader import FETCH_BYTES, TopicCursor
from contract.book import Book
from contract.errors import StackError
from contract.record import ConsumerRecord
from contract.settings import Settings
from contract.topics import MOVES, REJECTED
from register.catalog import ANEW, locked, remove_unlisted
from register.store import RegisterStore
from stack.context import CommandContext, Say
from stack.processes.broker_session import running_broker

AT_ONCE = 60_000  # records of one addition: about 200 MB of memory
FOLDER = "register"
"""The register's folder below QUAYMARK_FOLDER."""
Batches = dict[int, list[ConsumerRecord]]
OnAdded = Callable[[int, int], None]


def bring_up_to_date(
    folder: Path, settings: Settings, book: Book, say: Say, on_added: OnAdded
) -> int:
    """Add to a register what Kafka holds now beyond it; return how many records of moves.

    `on_added` is called after each addition with the number of records so far, and how many there
    are.  A run that is killed loses at most the addition that it was making.

    Raises:
        StackError: no broker answers, there is no room, or the register is of another cluster or
            of a topic that was deleted since.
    """
    with locked(folder, say):
        store = RegisterStore(folder, book)
        store.begin(cluster_id(Connection.of(settings)))
        remove_unlisted(folder, store.catalog)
        return asyncio.run(_follow(store, settings, on_added))


async def _follow(store: RegisterStore, settings: Settings, on_added: OnAdded) -> int:
    connection = Connection.of(settings)
    topic = MOVES.under(settings.prefix)
    added = 0
    async with consuming(connection, fetch_bytes=FETCH_BYTES) as consumer:
        cursor = await TopicCursor.opened(consumer, connection, topic)
        ends = await cursor.ends()
        for number, reached in store.catalog.reached.items():
            if ends.get(number, 0) < reached:
                raise StackError(
                    f"{topic.name}, partition {number}, ends at offset {ends.get(number, 0)}, but "
                    f"the register has read up to {reached}: the topic is new; {ANEW}"
                )
            cursor.seek(number, max(reached, cursor.begin[number]))
        total = sum(end - cursor.next_offset(number) for number, end in ends.items())
        async for batches in _batches(cursor):
            store.add(batches)
            added += sum(map(len, batches.values()))
            on_added(added, total)
        refused = await TopicCursor.opened(consumer, connection, REJECTED.under(settings.prefix))
        refused.seek(0, max(store.catalog.reached_rejected, refused.begin[0]))
        async for records in refused.rest():
            store.add({}, records)
    return added


async def _batches(cursor: TopicCursor) -> AsyncIterator[Batches]:
    """Yield the rest of a topic, many records at once."""
    batches: Batches = {}
    size = 0
    async for records in cursor.rest():
        batches.setdefault(records[0].partition, []).extend(records)
        size += len(records)
        if size >= AT_ONCE:
            yield batches
            batches, size = {}, 0
    if batches:
        yield batches


def bring_on(context: CommandContext, book: Book) -> int:
    """Bring the register of a command's folder up to date, with a bar in a terminal.

    It returns how many records of moves were added.

    Raises:
        StackError: no broker answers, or the register can't be written.
    """
    folder, console = register_folder(context.settings), context.console
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("reading moves into the register", total=None)

        def on_added(added: int, total: int) -> None:
            progress.update(bar, completed=added, total=total)

        return bring_up_to_date(folder, context.settings, book, context.say, on_added)


@contextmanager
def asked_register(context: CommandContext, book: Book, *, update: bool) -> Iterator[Path]:
    """Run the block with the register's folder; it holds all that Kafka has now if `update`.

    Then the broker runs during the block: the folder's own is started if need be.

    Raises:
        StackError: no broker answers, or the register can't be written.
    """
    folder = register_folder(context.settings)
    if not update:
        yield folder
        return
    with running_broker(context.settings, context.say):
        bring_on(context, book)
        yield folder


def register_folder(settings: Settings) -> Path:
    """Return the folder of the register."""
    return Path(settings.folder) / FOLDER
