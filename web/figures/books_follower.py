"""The books as they are now: the snapshot topics are read once, and then what is new in them."""

from contextlib import ExitStack

from broker.connection import Connection
from broker.reader import TopicReading
from contract.book import Book
from contract.topics import Topic
from kpis.past.all_owners import PastOfOwners
from stack.backfill.snapshot_reader import TOPICS_OF_PAST, take_records


class BooksFollower:
    """Follows the snapshot topics; belongs to no group, and is used by one thread.

    After an error it begins again, and so it does where a topic is shorter than what was read of
    it: then the topics were made anew.
    """

    def __init__(self, connection: Connection, book: Book) -> None:
        self._connection, self._book = connection, book
        self._open = ExitStack()
        self._readings: list[tuple[Topic, TopicReading]] = []
        self.past = PastOfOwners(book)

    def read(self) -> int:
        """Take what is new; return how many records there were.

        Raises:
            StackError: no broker can be reached, or a topic is missing.
        """
        try:
            if any(reading.left() < 0 for _, reading in self._readings):
                self.close()
            if not self._readings:
                self._connect()
            return sum(self._taken(topic, reading) for topic, reading in self._readings)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Disconnect, and forget what was read."""
        self._readings = []
        self._open.close()
        self.past = PastOfOwners(self._book)

    def _connect(self) -> None:
        for topic in TOPICS_OF_PAST:
            reading = self._open.enter_context(TopicReading(self._connection, topic))
            self._readings.append((topic, reading))

    def _taken(self, topic: Topic, reading: TopicReading) -> int:
        count = 0
        for batch in reading.rest():
            take_records(self.past, topic, batch)
            count += len(batch)
        return count
