"""The delivery of posted events to Kafka: acknowledged in time, or the sender must come again."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from typing import Protocol
from uuid import uuid4

from contract.book import Book, Partner
from contract.errors import StackError
from producers.http.posted import Posted
from producers.importing.run import Import
from producers.importing.tally import ImportTally
from producers.publish.records import Encoded
from producers.reading.outcome import File, ReadingTerms

ACKNOWLEDGE_SECONDS = 10.0  # a restarting broker takes longer: then the sender comes again
AT_ONCE = 4  # requests that are read at the same time; the others wait


class Kafka(Protocol):
    """What a delivery needs of the `Sender`."""

    async def send_encoded(self, record: Encoded) -> None:
        """Accept one record."""

    async def flush(self) -> None:
        """Wait until Kafka has acknowledged all that was accepted."""


class KafkaAway(Exception):
    """Kafka does not acknowledge in time; what was posted may be sent again."""


class Delivery:
    """Imports what is posted, and answers once Kafka has it.

    Attributes:
        failure: what ended the delivery for good; the process must be started again.
    """

    def __init__(
        self, book: Book, now: Callable[[], datetime], seconds: float = ACKNOWLEDGE_SECONDS
    ) -> None:
        self._book, self._now, self._seconds = book, now, seconds
        self._kafka: Kafka | None = None
        self._is_away = False
        self._turn = asyncio.Semaphore(AT_ONCE)
        self.failure: StackError | None = None

    def connected(self, kafka: Kafka) -> None:
        """Begin to take events."""
        self._kafka = kafka

    async def is_ready(self) -> bool:
        """Return whether Kafka takes events; if it was away, it is asked again."""
        if self._kafka is None or self.failure is not None:
            return False
        if self._is_away:
            with suppress(KafkaAway):
                await self._acknowledged()
        return not self._is_away

    async def deliver(self, posted: Posted, sender: str, partner: Partner | None) -> Import:
        """Import what a sender posts, and return its counts once Kafka has the events.

        `sender` is where it comes from, in words; the partner's profile says how it is read.

        Raises:
            KafkaAway: it did not take them in time.
        """
        async with self._turn:
            tally = ImportTally(self._book, self._now())
            run = Import(ReadingTerms(self._book, partner), posted.form, tally)
            if posted.is_empty:
                return run
            if self._kafka is None or self.failure is not None:
                raise KafkaAway
            if self._is_away:
                await self._acknowledged()  # before more waits in memory
            run.send = self._kafka.send_encoded
            name = f"POST /events from {sender}, {uuid4().hex[:8]}"
            tally.files = 1
            file = File(name, BytesIO(posted.body), self._now().timestamp())
            try:
                async with asyncio.timeout(self._seconds):
                    await run.records(file, posted.form)
            except TimeoutError:
                self._is_away = True
                raise KafkaAway from None
            except StackError as error:
                self.failure = error
                raise KafkaAway from error
            await self._acknowledged()
            return run

    async def _acknowledged(self) -> None:
        assert self._kafka is not None
        try:
            async with asyncio.timeout(self._seconds):
                await self._kafka.flush()
        except TimeoutError:
            self._is_away = True
            raise KafkaAway from None
        except StackError as error:
            self.failure = error
            raise KafkaAway from error
        self._is_away = False
