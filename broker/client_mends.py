"""What aiokafka 0.14 lacks: the classes that take the place of its own, once for a process.

- Records with a header whose name is not UTF-8 are read, in every topic (`lenient_batch`).
- Record batches of chosen topics are handed out unread (`record_batch`).
- A connection that broke, or whose broker fell silent, is recognised.
- A new connection shows what is in the files of secrets now, and notes whether it was refused.
"""

import logging
import time
from collections.abc import Iterator
from typing import Any, cast

from aiokafka import conn
from aiokafka.consumer import fetcher
from aiokafka.errors import (
    CorruptRecordException,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
)
from aiokafka.record.memory_records import MemoryRecords

from broker.credentials import PasswordFile, TlsFiles, TokenFile
from broker.record_batch import RecordBatch
from broker.refusal import Refusals, certificate_line, closed_by_broker, refusal_line
from contract.errors import Misconfigured
from contract.kafka.security import KafkaSecurity

__all__ = ["REFUSALS", "mend_aiokafka"]

REFUSALS = Refusals()
"""How the brokers took the newest connections of this process."""

# of a record batch (message format 2, the only one since Kafka 4)
LENGTH, REST = slice(8, 12), 12  # bytes of its length, and how many that does not count
NOWHERE = -1  # in place of an offset: no position is there


def mend_aiokafka(unread_topics: frozenset[str] = frozenset()) -> None:
    """Let every client of this process use the classes below; calling it again is harmless.

    Consumers hand out `unread_topics`, and those of earlier calls, as `RecordBatch`es.
    """
    _PartitionRecords.unread_topics |= unread_topics
    fetcher.MemoryRecords = _FetchedBatches
    fetcher.PartitionRecords = _PartitionRecords
    conn.AIOKafkaConnection = _Connection
    conn.log.addFilter(_in_the_clear)  # a filter that is there already is not added again


class _WarnedOnce(logging.Filter):
    """Lets aiokafka warn once of a password in the clear, and not at each connection."""

    warned = False

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a line is logged."""
        if "in the clear" not in str(record.msg):
            return True
        warned, self.warned = self.warned, True
        return not warned


_in_the_clear = _WarnedOnce()


class _FetchedBatches(MemoryRecords):  # type: ignore[misc]  # aiokafka has no types
    """The record batches that a fetch brought of one partition."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)
        self.batch = self._left = memoryview(raw)
        """The bytes of the batch that `next_batch` returned last."""

    def next_batch(self) -> Any:
        """Return the next record batch; None behind the last."""
        size = REST + int.from_bytes(self._left[LENGTH])
        self.batch, self._left = self._left[:size], self._left[size:]
        return super().next_batch()


class _PartitionRecords(fetcher.PartitionRecords):  # type: ignore[misc]
    """What a fetch brought of one partition: records, or record batches of an unread topic.

    aiokafka builds a dataclass with topic, partition and sizes for each record, one call of a
    generator, an iterator and a method a record: 3 of the 4 µs that parsing an event costs.
    """

    unread_topics: frozenset[str] = frozenset()
    next_fetch_offset: int
    _records: _FetchedBatches
    _records_iterator: Iterator[Any] | None

    def __iter__(self) -> Iterator[Any]:
        if self._tp.topic in self.unread_topics:
            self._records_iterator = None  # it refers to this object: only gc would free the cycle
            return self._batches()
        return cast(Iterator[Any], self._records_iterator)

    def _unpack_records(self) -> Iterator[Any]:
        """Yield the records of each batch; aiokafka's own generator ends at an odd header name."""
        tp = self._tp
        for batch in self._batches():
            for record in batch.records():
                self.next_fetch_offset = record.offset + 1
                yield self._consumer_record(tp, record)
            self.next_fetch_offset = batch.following

    def _batches(self) -> Iterator[RecordBatch]:
        records = self._records
        while records.has_next():
            batch = records.next_batch()
            if self._check_crcs and not batch.validate_crc():
                self.next_fetch_offset = NOWHERE  # aiokafka drops the rest, and fetches it again
                raise CorruptRecordException(f"Invalid CRC - {self._tp}")
            first, following = max(batch.base_offset, self.next_fetch_offset), batch.next_offset
            self.next_fetch_offset = following
            if self._is_read(batch) and first < following:
                yield RecordBatch(records.batch, first, following)

    def _is_read(self, batch: Any) -> bool:
        """Return whether a batch holds records, none of them of an aborted transaction.

        The broker names the aborted transactions; the records of each that lie before its marker
        are left out.
        """
        producer = batch.producer_id
        if self._isolation_level == fetcher.READ_COMMITTED and producer is not None:
            self._consume_aborted_up_to(batch.base_offset)
            if batch.is_control_batch and self._contains_abort_marker(batch):
                self._aborted_producers.discard(producer)
        aborted = batch.is_transactional and producer in self._aborted_producers
        return not (batch.is_control_batch or aborted)


class _Connection(conn.AIOKafkaConnection):  # type: ignore[misc]
    """A connection to a broker that recognises when it is broken, and knows how long it waits.

    After a reset, asyncio's transports raise OSError when they are written to, and uvloop's raise
    RuntimeError.  aiokafka expects the first alone, so its sender ended for good and the worker
    with it: seen when a line was cut in the middle of a send.

    A broker that hangs (stopped, swapping) keeps its connections, and aiokafka awaits an answer
    for 90 s.

    What it shows the broker is read from files as it connects, and not kept.
    """

    _security: KafkaSecurity
    _ssl_context: Any
    _sasl_plain_password: str | None

    def __init__(self, *address: Any, **options: Any) -> None:
        super().__init__(*address, **options)
        shown = self._ssl_context, self._sasl_plain_password, self._sasl_oauth_token_provider
        files = (each for each in shown if isinstance(each, PasswordFile | TlsFiles | TokenFile))
        self._security = next((each.security for each in files), KafkaSecurity())

    async def connect(self) -> Any:
        """Connect, log in, and note whether the broker refused.

        Raises:
            KafkaError: the broker refuses, or a file of secrets can't be read now.
            OSError: the broker can't be reached, or its certificate is not trusted.
        """
        tls, password = self._ssl_context, self._sasl_plain_password
        server, line = f"{self.host}:{self.port}", None
        try:
            if isinstance(tls, TlsFiles):
                self._ssl_context = tls.context()
            if isinstance(password, PasswordFile):
                self._sasl_plain_password = password.read()
            return await super().connect()
        except (KafkaError, OSError, Misconfigured) as error:
            line = refusal_line(error, self._security, server)
            if line is None and self._security.by_tls and closed_by_broker(error):
                line = certificate_line(self._security, server)
            if isinstance(error, Misconfigured):  # in the middle of a rotation, say
                raise KafkaConnectionError(str(error)) from error
            raise
        finally:
            self._ssl_context, self._sasl_plain_password = tls, password
            REFUSALS.note(server, line)

    def authenticator_oauth(self) -> "_TokenAuthenticator":
        """Return what logs in by a token."""
        return _TokenAuthenticator(sasl_oauth_token_provider=self._sasl_oauth_token_provider)

    @property
    def silent_seconds(self) -> float:
        """How long the broker has owed an answer; 0 if it owes none."""
        return time.monotonic() - self._last_action if self._requests else 0.0

    def send(self, request: Any, expect_response: bool = True) -> Any:
        """Send a request and return the future of its answer.

        Raises:
            KafkaConnectionError: the connection is broken; aiokafka tries again.
        """
        if not self._requests:
            self._last_action = time.monotonic()  # aiokafka notes answers: silence begins here
        try:
            return super().send(request, expect_response)
        except RuntimeError as error:
            self.close(reason=conn.CloseReason.CONNECTION_BROKEN)
            raise KafkaConnectionError(
                f"Connection at {self.host}:{self.port} broken: {error}"
            ) from error


class _TokenAuthenticator(conn.OAuthAuthenticator):  # type: ignore[misc]
    """A login by a token that hears the broker's no, which aiokafka takes for a yes."""

    async def step(self, challenge: bytes | None) -> Any:
        """Return what to send next; None at the end.

        Raises:
            SaslAuthenticationFailed: the broker refuses the token (RFC 7628, 3.2.2).
        """
        if self._token_sent and challenge:
            raise SaslAuthenticationFailed(challenge.decode("utf-8", "replace"))
        return await super().step(challenge)
