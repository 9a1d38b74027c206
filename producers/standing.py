"""Which record of each event stands among those read so far: the newest, so sums are net."""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

FINAL = 1 << 62  # a retraction by id alone is newer than everything


class Stand(NamedTuple):
    """What the standing record of one event adds to the sums."""

    recorded_ms: int
    content: int
    year: int
    moves: int
    hundredths: int


class Fate(StrEnum):
    """What a record came to."""

    FIRST = "first"
    AMENDED = "amended"
    REPEAT = "repeat"
    OUTDATED = "outdated"
    CONFLICT = "conflict"
    CLOSED = "closed"


class Change(NamedTuple):
    """What a record came to, and what stood before it."""

    fate: Fate
    was: Stand | None


class Standing:
    """The standing record of each event of one run.

    About 130 bytes an event: the state is packed into one integer beside an eight-byte hash.
    """

    def __init__(self) -> None:
        self._of: dict[int, int] = {}

    def post(self, source: str, event_id: str, record: Stand, *, closed: bool = False) -> Change:
        """Let one record stand, if it is newer than what stands and its day's books are open."""
        key = _hash(f"{source}\0{event_id}".encode())
        packed = self._of.get(key)
        was = None if packed is None else _unpacked(packed)
        if was is not None and record.recorded_ms <= was.recorded_ms:
            if record.content == was.content or record.recorded_ms == FINAL:
                return Change(Fate.REPEAT, was)
            older = record.recorded_ms < was.recorded_ms
            return Change(Fate.OUTDATED if older else Fate.CONFLICT, was)
        if closed:
            return Change(Fate.CLOSED, was)
        self._of[key] = _packed(record)
        return Change(Fate.FIRST if was is None else Fate.AMENDED, was)


def content_hash(says: str) -> int:
    """32 bits of what an event says."""
    return int.from_bytes(hashlib.blake2b(says.encode(), digest_size=4).digest())


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970, as the ledger compares them."""
    return round(at.timestamp() * 1000)


def _hash(key: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest())


def _packed(stand: Stand) -> int:
    recorded, content, year, moves, hundredths = stand
    return ((((recorded << 32 | content) << 14 | year) << 1 | moves) << 16) | hundredths


def _unpacked(packed: int) -> Stand:
    return Stand(
        packed >> 63,
        packed >> 31 & 0xFFFFFFFF,
        packed >> 17 & 0x3FFF,
        packed >> 16 & 1,
        packed & 0xFFFF,
    )
