"""The journal: facts as the records of the ledger's changelog, and back.

A batch of facts is one record, a blob.  Its key is level | last source offset | blake2b-8 of the
value.  So two writers never write different blobs under one key, and a damaged value is noticed.
A blob of level 1 is final: it has SEGMENT facts or more, by columns, with deltas and zlib.  A blob
of level 0 is a smaller batch, as live traffic makes them.  Blobs with SEGMENT facts together, or
SLOTS blobs, are written again as one of level 1, and are deleted once that one is acknowledged.
"""

import hashlib
import struct
import zlib
from typing import NamedTuple

import msgspec
import numpy as np

from contract.errors import QuaymarkError
from ledger.facts import BOX_BITS, FACT, ROW, Facts

SEGMENT = 1024  # facts of a final blob: 15 bytes each, against 36 and the 70 of a record alone
SLOTS = 512  # blobs of level 0: a limit to what recovery reads one by one at a quiet port
VERSION = 3  # written; 1 had ids by another hash, 2 no hash of the container number
NO_BOXES = 2  # its facts fit a record of any container
READS = (VERSION, NO_BOXES)
"""The versions that are read.  A new one is read for a release before it is written
(docs/operations.md, "Releases side by side")."""
PLAIN_BELOW = 64  # facts: compressing fewer saves nothing

_DELTAS = ("recorded", "offset", "day", "minute")  # neighbours in source order hardly differ
_RAW = ("head", "rest")  # hashes do not compress


class BookedTerminal(NamedTuple):
    """A terminal and the port area it belonged to when its moves were booked."""

    area: str
    terminal: str


class Put(NamedTuple):
    """A changelog record (None deletes); once it is acknowledged, delete the keys in `then`."""

    key: bytes
    value: bytes | None
    then: tuple[bytes, ...] = ()


class _Blob(msgspec.Struct, frozen=True, array_like=True):
    version: int
    level: int
    columns: int
    """The number of facts if they are written by columns; 0 if row by row."""
    terminals: tuple[BookedTerminal, ...]
    content: bytes


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Blob).decode


def blob(
    level: int, terminals: tuple[BookedTerminal, ...], facts: Facts, then: tuple[bytes, ...] = ()
) -> Put:
    """Return the record of facts; their `terminal` is an index into `terminals`."""
    if len(facts) < PLAIN_BELOW:
        value = _encode(_Blob(VERSION, level, 0, terminals, facts.tobytes()))
    else:
        value = _encode(_Blob(VERSION, level, len(facts), terminals, _columns(facts)))
    last = int(facts["offset"].max())
    return Put(struct.pack(">BQ", level, last) + _digest(value), value, then)


def unblob(key: bytes, value: bytes) -> tuple[int, tuple[BookedTerminal, ...], Facts]:
    """Return the level, the terminal table and the facts of a record.

    Raises:
        QuaymarkError: the record is damaged, or of a version that this worker does not know.
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
    if read.version not in READS:
        raise QuaymarkError(
            f"ledger changelog, key {key.hex()}: version {read.version}, this worker reads "
            f"{' and '.join(map(str, READS))}; start the version that wrote it, or rebuild "
            "the books"
        )
    if read.columns:
        facts = _from_columns(read.content, read.columns)
    else:
        facts = np.frombuffer(read.content, FACT).copy()
    if read.version == NO_BOXES:
        facts["rest"] <<= BOX_BITS
    return read.level, read.terminals, facts


def _digest(value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=8).digest()


def _columns(facts: Facts) -> bytes:
    columns = []
    for name in ROW.names or ():
        if name in _RAW:
            continue
        column = np.ascontiguousarray(facts[name])
        if name in _DELTAS:  # unsigned differences wrap around, and cumsum reverses that
            column = np.concatenate([column[:1], column[1:] - column[:-1]])
        # all lowest bytes, then all second bytes …: deflate finds long runs
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
