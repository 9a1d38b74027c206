"""Events set aside: counted by reason, logged once, kept with bytes and origin in a topic."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from faust.types import TP
from msgspec.structs import replace

from contract.binary_mode import attempt
from contract.errors import Reason
from contract.record import Record
from contract.snapshots import DeadLetter
from contract.topics import REJECTED
from contract.wire import encode, received_at
from streams.metrics import WorkerMetrics
from streams.transport.outbox import Outbox

__all__ = ["DeadLetters"]

SAY_AGAIN = timedelta(minutes=1)  # a line an event would drown the log; the counter has them all
LARGEST_COPY = 2 << 20  # bytes of a value; base64 adds a third
LARGEST_LETTER = (REJECTED.largest_record or 0) - (4 << 10)  # leaves room for what Kafka adds
LONGEST_ERROR = 4096  # characters: some quote what was wrong, and that may be the whole event

log = structlog.get_logger()


class DeadLetters:
    """Where events go that can't be counted; nothing is lost, a batch goes on."""

    def __init__(
        self,
        outbox: Outbox,
        meters: WorkerMetrics,
        clock: Callable[[], datetime],
        prefix: str = "",
    ) -> None:
        self._outbox, self._meters, self._clock = outbox, meters, clock
        self._prefix, self._topic = prefix, REJECTED.under(prefix)
        self._said: dict[Reason, datetime] = {}
        self._unsaid: Counter[Reason] = Counter()

    async def put(self, tp: TP, record: Record, reason: Reason, error: str) -> None:
        """Set one record aside.

        What is too large to be copied stays where topic, partition and offset say.
        """
        if len(error) > LONGEST_ERROR:
            error = f"{error[:LONGEST_ERROR]} …"
        self._meters.rejected(reason)
        self._say(tp, record, reason, error)
        copied = record.value if len(record.value or b"") <= LARGEST_COPY else None
        topic = tp.topic.removeprefix(self._prefix)
        letter = DeadLetter(
            topic=topic,
            partition=tp.partition,
            offset=record.offset,
            reason=reason.value,
            error=error,
            value=copied,
            key=record.key,
            headers=tuple(record.headers),
            at=self._clock(),
            attempts=attempt(record.headers),
            received_at=received_at(record.timestamp),
        )
        written = encode(letter)
        if len(written) > LARGEST_LETTER:
            written = encode(replace(letter, value=None, key=None, headers=()))
        key = f"{topic}|{tp.partition}|{record.offset}".encode()
        await self._outbox.put(self._topic.name, key, written, 0)

    def _say(self, tp: TP, record: Record, reason: Reason, error: str) -> None:
        """Log the first of a reason, then one a minute with how many there were since."""
        now = self._clock()
        if reason in self._said and now - self._said[reason] < SAY_AGAIN:
            self._unsaid[reason] += 1
            return
        self._said[reason] = now
        log.warning(
            "ledger.event_rejected",
            reason=reason.value,
            error=error,
            topic=tp.topic,
            partition=tp.partition,
            offset=record.offset,
            more=self._unsaid.pop(reason, 0),
        )
