"""Misrouted records: moves that are not on the partition of their key.

Each partition knows only its own event ids, so the same event on two partitions counts twice.  One
partition alone can't show that (`quaymark books verify` does), but a key on the wrong partition is
a sign of it: the producer has another partitioner, or sends no keys.  Such moves count, and are
flagged.
"""

from datetime import datetime, timedelta
from functools import lru_cache

import structlog

from contract.topics import MOVES
from contract.wire import partition_of
from streams.transport.batch import Chunk

__all__ = ["MisroutedRecords"]

CACHED_KEYS = 65_536  # enough even for a producer whose key is the container's number
LONGEST_CACHED = 256  # bytes of a key
LOG_AGAIN = timedelta(minutes=1)

log = structlog.get_logger()


class MisroutedRecords:
    """Counts misrouted records, and logs one of them at most once a minute."""

    def __init__(self) -> None:
        self._logged: datetime | None = None
        self._cached_partition = lru_cache(CACHED_KEYS)(partition_of)

    def among(self, partition: int, chunk: Chunk, now: datetime) -> int:
        """Return how many records of a partition have the key of another partition, or none."""
        misrouted = {
            key for key in chunk.keys if key is None or self._partition_of(key) != partition
        }
        if not misrouted:
            return 0
        found = sum(chunk.keys[key] for key in misrouted)
        if self._logged is None or now - self._logged >= LOG_AGAIN:
            self._logged = now
            first = next(record for record in chunk if record.key in misrouted)
            log.warning(
                "ledger.events_misrouted",
                partition=partition,
                offset=first.offset,
                key=(first.key or b"").decode(errors="replace"),
                do="let the producer use partitionkey or source as key of moves, with Kafka's own "
                "partitioner (murmur2); `quaymark books verify` says whether any counts twice",
            )
        return found

    def _partition_of(self, key: bytes) -> int:
        find = self._cached_partition if len(key) <= LONGEST_CACHED else partition_of
        return find(key, MOVES.partitions)
