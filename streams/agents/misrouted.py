"""Moves on another partition than that of their key: their twins may lie on the right one.

An id is known on its own partition only, so the same event on two of them would count twice.  What
a partition holds can't show that (`quaymark books verify` does), but a key out of place can: its
producer has a partitioner of its own, or no keys.  Such moves count, and are flagged.
"""

from datetime import datetime, timedelta
from functools import lru_cache

import structlog

from contract.topics import MOVES
from contract.wire import partition_of
from streams.transport.batch import Chunk

__all__ = ["MisroutedRecords"]

KEYS_KNOWN = 65_536  # by number of container, were a producer to key by it
LONGEST_KNOWN = 256  # bytes of a key
SAY_AGAIN = timedelta(minutes=1)

log = structlog.get_logger()


class MisroutedRecords:
    """Finds them, and says so once a minute."""

    def __init__(self) -> None:
        self._said: datetime | None = None
        self._home = lru_cache(KEYS_KNOWN)(partition_of)

    def among(self, partition: int, chunk: Chunk, now: datetime) -> int:
        """How many of a partition's records have a key of another, or none."""
        astray = {key for key in chunk.keys if key is None or self._home_of(key) != partition}
        if not astray:
            return 0
        found = sum(chunk.keys[key] for key in astray)
        if self._said is None or now - self._said >= SAY_AGAIN:
            self._said = now
            first = next(record for record in chunk if record.key in astray)
            log.warning(
                "ledger.events_misrouted",
                partition=partition,
                offset=first.offset,
                key=(first.key or b"").decode(errors="replace"),
                do="let the producer key moves by partitionkey or source, with Kafka's own "
                "partitioner (murmur2); `quaymark books verify` tells whether any counts twice",
            )
        return found

    def _home_of(self, key: bytes) -> int:
        home = self._home if len(key) <= LONGEST_KNOWN else partition_of
        return home(key, MOVES.partitions)
