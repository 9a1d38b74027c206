"""Dead letters: rejected events are counted, logged, and copied to a topic with their origin."""

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

LOG_AGAIN = timedelta(minutes=1)  # one line per reason and minute; the counter has every event
LARGEST_COPY = 2 << 20  # bytes of a value; base64 adds a third
LARGEST_DEAD_LETTER = (REJECTED.largest_record or 0) - (4 << 10)  # leaves room for Kafka's part
LONGEST_ERROR = 4096  # characters: an error may quote the whole event

log = structlog.get_logger()


class DeadLetters:
    """Writes rejected events to the topic of dead letters, so that the rest of a batch goes on."""

    def __init__(
        self,
        outbox: Outbox,
        metrics: WorkerMetrics,
        clock: Callable[[], datetime],
        prefix: str = "",
    ) -> None:
        self._outbox, self._metrics, self._clock = outbox, metrics, clock
        self._prefix, self._topic = prefix, REJECTED.under(prefix)
        self._logged: dict[Reason, datetime] = {}
        self._unlogged: Counter[Reason] = Counter()

    async def put(self, tp: TP, record: Record, reason: Reason, error: str) -> None:
        """Write the dead letter of one record.

        A value that is too large is not copied; topic, partition and offset say where it is.
        """
        if len(error) > LONGEST_ERROR:
            error = f"{error[:LONGEST_ERROR]} …"
        self._metrics.rejected(reason)
        self._log(tp, record, reason, error)
        copied = record.value if len(record.value or b"") <= LARGEST_COPY else None
        topic = tp.topic.removeprefix(self._prefix)
        dead_letter = DeadLetter(
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
        encoded = encode(dead_letter)
        if len(encoded) > LARGEST_DEAD_LETTER:
            encoded = encode(replace(dead_letter, value=None, key=None, headers=()))
        key = f"{topic}|{tp.partition}|{record.offset}".encode()
        await self._outbox.put(self._topic.name, key, encoded, 0)

    def _log(self, tp: TP, record: Record, reason: Reason, error: str) -> None:
        """Log the first event of a reason, then one a minute with the number of those between."""
        now = self._clock()
        if reason in self._logged and now - self._logged[reason] < LOG_AGAIN:
            self._unlogged[reason] += 1
            return
        self._logged[reason] = now
        log.warning(
            "ledger.event_rejected",
            reason=reason.value,
            error=error,
            topic=tp.topic,
            partition=tp.partition,
            offset=record.offset,
            more=self._unlogged.pop(reason, 0),
        )
