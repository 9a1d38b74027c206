"""The register is brought up to date: it takes what Kafka got since it was last read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

from rich.progress import Progress

from broker.admin import cluster_id
from broker.connection import Connection, consuming
from broker.reader import TopicCursor
from contract.book import Book
from contract.errors import StackError
from contract.record import ConsumerRecord
from contract.settings import Settings
from contract.topics import MOVES, REJECTED, Topic
from register.catalog import ANEW, Catalog, locked, remove_unlisted
from register.store import RegisterStore
from stack.context import CommandContext, Say
from stack.processes.broker_session import running_broker

AT_ONCE = 40_000  # records of one addition: about 150 MB of memory
MANY = 3 * AT_ONCE  # records that leave more files than a question should open
FETCH_BYTES = 1 << 20  # of a partition at once, compressed: some 20,000 records
Batches = dict[int, list[ConsumerRecord]]
OnAdded = Callable[[int, int], None]


def bring_up_to_date(
    folder: Path, settings: Settings, book: Book, say: Say, on_added: OnAdded
) -> int:
    """Add to a register what Kafka holds now beyond it; return how many records of moves.

    `on_added` is called at the start and after each addition with the number of records so far,
    and how many there are.  A run that is killed loses at most the addition that it was making.

    Raises:
        StackError: no broker answers, there is no room, or the register is of another cluster or
            of a topic that was deleted since.
    """
    with locked(folder, say):
        store = RegisterStore(folder, book)
        store.begin(cluster_id(Connection.of(settings)))
        remove_unlisted(folder, store.catalog)
        return asyncio.run(_follow(store, settings, on_added))


def waiting_records(settings: Settings, catalog: Catalog) -> int:
    """Return how many records of moves and refused records Kafka holds beyond a register.

    Raises:
        StackError: no broker answers, or the register is of a topic that was deleted since.
    """

    async def waiting() -> int:
        async with _following(settings, catalog) as at:
            return await (await at.refused()).left() + await (await at.moves()).left()

    return asyncio.run(waiting())


class Following:
    """Where a register stands in its topics; the cursor that was opened last can be read.

    Each cursor raises a StackError if its topic ends before what the register has read of it.
    """

    def __init__(
        self, opened: Callable[[Topic], Awaitable[TopicCursor]], prefix: str, catalog: Catalog
    ) -> None:
        self._opened, self._prefix, self._catalog = opened, prefix, catalog

    async def moves(self) -> TopicCursor:
        """Return a cursor behind the last record of port.moves.raw that the register has."""
        return await self._cursor(MOVES, self._catalog.reached)

    async def refused(self) -> TopicCursor:
        """Return a cursor behind the last record of port.rejected that it has looked at."""
        return await self._cursor(REJECTED, {0: self._catalog.reached_rejected})

    async def _cursor(self, declared: Topic, reached: Mapping[int, int]) -> TopicCursor:
        topic = declared.under(self._prefix)
        cursor = await self._opened(topic)
        ends = await cursor.ends()
        for number, offset in reached.items():
            if ends.get(number, 0) < offset:
                raise StackError(
                    f"{topic.name}, partition {number}, ends at offset {ends.get(number, 0)}, but "
                    f"the register has read up to {offset}: the topic is new; {ANEW}"
                )
            cursor.seek(number, max(offset, cursor.begin[number]))
        return cursor


@asynccontextmanager
async def _following(settings: Settings, catalog: Catalog) -> AsyncIterator[Following]:
    connection = Connection.of(settings)
    async with consuming(connection, fetch_bytes=FETCH_BYTES) as consumer:
        opened = partial(TopicCursor.opened, consumer, connection)
        yield Following(opened, settings.prefix, catalog)


async def _follow(store: RegisterStore, settings: Settings, on_added: OnAdded) -> int:
    async with _following(settings, store.catalog) as at:
        refused = await (await at.refused()).left()
        moves = await at.moves()
        total = refused + await moves.left()
        added = 0
        on_added(added, total)
        async for batches in additions(moves):
            store.add(batches)
            added += sum(map(len, batches.values()))
            on_added(added, total)
        read = added
        async for records in (await at.refused()).rest():
            store.add({}, records)
            read += len(records)
            on_added(read, total)
    if added > MANY:
        store.compact()
    return added


async def additions(cursor: TopicCursor) -> AsyncIterator[Batches]:
    """Yield the rest of a topic, at most AT_ONCE records at once, each partition in order."""
    batches: Batches = {}
    size = 0
    async for records in cursor.rest():
        number = records[0].partition
        for first in range(0, len(records), AT_ONCE):
            some = records[first : first + AT_ONCE]
            if size + len(some) > AT_ONCE:
                yield batches
                batches, size = {}, 0
            batches.setdefault(number, []).extend(some)
            size += len(some)
    if batches:
        yield batches


def bring_on(context: CommandContext, book: Book, on_added: OnAdded | None = None) -> int:
    """Bring the register of a command's folder up to date, with a bar in a terminal.

    It returns how many records of moves were added; `on_added` is that of `bring_up_to_date`.

    Raises:
        StackError: no broker answers, or the register can't be written.
    """
    folder, console = Path(context.settings.register_folder), context.console
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("reading moves into the register", total=None)

        def shown(added: int, total: int) -> None:
            progress.update(bar, completed=added, total=total)
            if on_added is not None:
                on_added(added, total)

        return bring_up_to_date(folder, context.settings, book, context.say_aside, shown)


@contextmanager
def asked_register(context: CommandContext, book: Book, *, update: bool) -> Iterator[Path]:
    """Run the block with the register's folder; it holds all that Kafka has now if `update`.

    Then the broker runs during the block: the folder's own is started if need be.

    Raises:
        StackError: no broker answers, or the register can't be written.
    """
    folder = Path(context.settings.register_folder)
    if not update:
        yield folder
        return
    with running_broker(context.settings, context.say_aside):
        bring_on(context, book)
        yield folder
