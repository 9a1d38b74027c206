"""Facts to blobs and back: the records of the ledger's changelog.

A batch of facts is one record.  Its key is level | last source offset | blake2b-8 of the value, so
two writers never write different blobs under one key, and a torn value is seen.  Level 1 is
final: SEGMENT facts or more, by columns, deltas and zlib.  Level 0 is a smaller batch, as live
traffic makes them; SEGMENT facts or SLOTS blobs of it are written again as one of level 1, and
deleted only when that is acknowledged.
"""

import hashlib
import struct
import zlib
from typing import NamedTuple

import msgspec
import numpy as np

from contract.errors import QuaymarkError
from ledger.facts import BOX_BITS, FACT, ROW, Facts

SEGMENT = 1024  # facts of a final blob: 15 bytes each then, against 36 and a record's 70 alone
SLOTS = 512  # open small blobs: bounds what a quiet port's recovery reads one by one
VERSION = 3  # 1 had ids by another hash, 2 no hash of the container number
NO_BOXES = 2  # this version is read, too: its facts fit a record of any container
PLAIN_BELOW = 64  # facts; fewer don't repay a deflate

_DELTAS = ("recorded", "offset", "day", "minute")  # hardly change in source order
_RAW = ("head", "rest")  # hash bytes don't compress


class LedgerPlace(NamedTuple):
    """A terminal and the port area it belonged to when its moves were booked."""

    area: str
    terminal: str


class Put(NamedTuple):
    """A record for the changelog, None deletes; once acknowledged, delete the keys in `then`."""

    key: bytes
    value: bytes | None
    then: tuple[bytes, ...] = ()


class _Blob(msgspec.Struct, frozen=True, array_like=True):
    version: int
    level: int
    columns: int
    """How many facts, if written by columns; 0 if row by row."""
    places: tuple[LedgerPlace, ...]
    content: bytes


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Blob).decode


def blob(
    level: int, places: tuple[LedgerPlace, ...], facts: Facts, then: tuple[bytes, ...] = ()
) -> Put:
    """The record of these facts; `places` is the table their `place` points into."""
    if len(facts) < PLAIN_BELOW:
        value = _encode(_Blob(VERSION, level, 0, places, facts.tobytes()))
    else:
        value = _encode(_Blob(VERSION, level, len(facts), places, _columns(facts)))
    last = int(facts["offset"].max())
    return Put(struct.pack(">BQ", level, last) + _digest(value), value, then)


def unblob(key: bytes, value: bytes) -> tuple[int, tuple[LedgerPlace, ...], Facts]:
    """Level, table of places and facts of a record.

    Raises:
        QuaymarkError: it is torn, or of a version this worker does not know.
    """
    if key[9:] != _digest(value):
        raise QuaymarkError(
            f"ledger changelog, key {key.hex()}: the value is not the one written under it; "
            "rebuild the books from the raw topic"
        )
    try:
        read = _decode(value)
    except msgspec.MsgspecError as error:
        raise QuaymarkError(f"ledger changelog, key {key.hex()}: {error}") from None
    if read.version not in (VERSION, NO_BOXES):
        raise QuaymarkError(
            f"ledger changelog, key {key.hex()}: version {read.version}, "
            f"this worker reads {VERSION}; start the version that wrote it, or rebuild the books"
        )
    if read.columns:
        facts = _from_columns(read.content, read.columns)
    else:
        facts = np.frombuffer(read.content, FACT).copy()
    if read.version == NO_BOXES:
        facts["rest"] <<= BOX_BITS
    return read.level, read.places, facts


def _digest(value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=8).digest()


def _columns(facts: Facts) -> bytes:
    columns = []
    for name in ROW.names or ():
        if name in _RAW:
            continue
        column = np.ascontiguousarray(facts[name])
        if name in _DELTAS:  # unsigned differences wrap around, and cumsum wraps them back
            column = np.concatenate([column[:1], column[1:] - column[:-1]])
        # all lowest bytes, then all second bytes …: long runs for deflate
        columns.append(column.view(np.uint8).reshape(len(column), -1).T.tobytes())
    raw = b"".join(np.ascontiguousarray(facts[name]).tobytes() for name in _RAW)
    return raw + zlib.compress(b"".join(columns), 1)


def _from_columns(content: bytes, n: int) -> Facts:
    facts = np.empty(n, FACT)
    at = 0
    for name in _RAW:
        facts[name] = np.frombuffer(content, FACT[name], n, at)
        at += n * FACT[name].itemsize
    inflated, at = zlib.decompress(content[at:]), 0
    for name in ROW.names or ():
        if name in _RAW:
            continue
        kind = ROW[name]
        planes = np.frombuffer(inflated, np.uint8, n * kind.itemsize, at).reshape(-1, n)
        column = planes.T.copy().view(kind).ravel()
        facts[name] = np.cumsum(column, dtype=kind) if name in _DELTAS else column
        at += n * kind.itemsize
    return facts
