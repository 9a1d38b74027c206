"""The encoding: bytes to values and back, the key of a value, and the partition of a key."""

from datetime import UTC, datetime

import msgspec

from contract.errors import Reason, Rejected
from contract.events import (
    AmountChanged,
    ContainerMoved,
    IndicatorReported,
    MilestoneMet,
    MilestonePlanned,
    MoveEvent,
    MoveRetracted,
    ProjectRegistered,
    RawEvent,
    StageReached,
    TargetSet,
)
from contract.reporting.issued_report import IssuedReport, ReportNote
from contract.snapshots import (
    DeadLetter,
    IndicatorValue,
    PastReading,
    ProjectCard,
    Snapshot,
    TerminalDay,
)

MAX_EVENT_BYTES = 1 << 20  # Kafka's default limit of a record; no event needs more
LATEST_MS = 0xFFFF * 86_400_000  # 2149-06-06: the last day of the books

_encoder = msgspec.json.Encoder(decimal_format="number")
_events: msgspec.json.Decoder[RawEvent] = msgspec.json.Decoder(RawEvent)
_moves: msgspec.json.Decoder[MoveEvent] = msgspec.json.Decoder(MoveEvent)
_snapshots: msgspec.json.Decoder[Snapshot] = msgspec.json.Decoder(Snapshot)
_dead_letters = msgspec.json.Decoder(DeadLetter)

decode_move = _moves.decode
"""The decoder of the hot path; `rejection_of` gives the Reason of its msgspec.MsgspecError."""


Sent = RawEvent | Snapshot | PastReading | DeadLetter | IssuedReport | ReportNote
"""All that is written to a topic as JSON."""


def encode(value: Sent) -> bytes:
    """Return a value as JSON in UTF-8 without spaces."""
    return _encoder.encode(value)


def decode(raw: bytes | None) -> RawEvent:
    """Return the raw event in the bytes of a record.

    Raises:
        Rejected: the bytes are no event; `where` is the JSON path of the mistake.
    """
    if raw is None:
        raise Rejected(
            Reason.UNDECODABLE, "the record has no value; send a CloudEvent in structured JSON"
        )
    if len(raw) > MAX_EVENT_BYTES:
        raise Rejected(
            Reason.TOO_LARGE,
            f"{len(raw)} bytes, at most {MAX_EVENT_BYTES} are read; split the message",
        )
    try:
        return _events.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise rejection_of(raw, error) from None


def decode_snapshot(raw: bytes) -> Snapshot:
    """Return the snapshot in the bytes of a record.

    Raises:
        Rejected: the bytes are no snapshot.
    """
    try:
        return _snapshots.decode(raw)
    except msgspec.MsgspecError as error:
        raise rejection_of(raw, error) from None


def decode_dead_letter(raw: bytes) -> DeadLetter:
    """Return the dead letter in the bytes of a record.

    Raises:
        Rejected: the bytes are no dead letter.
    """
    try:
        return _dead_letters.decode(raw)
    except msgspec.MsgspecError as error:
        raise rejection_of(raw, error) from None


def rejection_of(raw: bytes, error: Exception) -> Rejected:
    """Return a decoder's error as Rejected: the reason, the JSON path, and what was expected."""
    text = str(error)
    message, _, path = text.partition(" - at `")
    where = path.rstrip("`")
    if isinstance(error, RecursionError):
        return Rejected(Reason.UNDECODABLE, "nested too deeply for an event")
    if not isinstance(error, msgspec.ValidationError):
        return Rejected(Reason.UNDECODABLE, f"not JSON in UTF-8: {message}")
    if "timezone" in message:
        return Rejected(
            Reason.NAIVE_TIME,
            f"{message}: give the offset, e.g. 2026-03-01T08:00:00+08:00",
            where=where,
        )
    if where == "$.type":
        return Rejected(
            Reason.UNKNOWN_EVENT_TYPE, f"{message}; known: {', '.join(EVENT_TYPES)}", where=where
        )
    if "missing required field" in message:
        field = message.split("`")[1]
        reason = (
            Reason.UNKNOWN_EVENT_TYPE if field == "type" and not where else Reason.MISSING_FIELD
        )
        return Rejected(reason, message, where=where or "$")
    return Rejected(Reason.WRONG_TYPE, message, where=where or "$")


EVENT_TYPES = tuple(
    str(kind.__struct_config__.tag)
    for kind in (
        ContainerMoved,
        MoveRetracted,
        ProjectRegistered,
        AmountChanged,
        StageReached,
        MilestonePlanned,
        MilestoneMet,
        IndicatorReported,
        TargetSet,
    )
)


def event_key(event: RawEvent) -> bytes:
    """Return the Kafka key of a raw event.

    The key of a move is its `partitionkey`, or else its `source`.  So an amendment that names
    another terminal, and a retraction that names none, reach the partition of their original.  As
    each terminal's system is one source, moves are thereby keyed by terminal.
    """
    match event:
        case ContainerMoved() | MoveRetracted():
            key = event.partitionkey or event.source
        case TargetSet(data=target):
            key = target.key
        case IndicatorReported(data=figure):
            key = f"{figure.indicator}|{figure.scope}"
        case _:
            key = event.data.project
    return key.encode()


def snapshot_key(snapshot: Snapshot) -> bytes:
    """Return the compaction key of a snapshot; the partition is that of its first part."""
    parts: tuple[str, ...]
    match snapshot:
        case TerminalDay():
            parts = (
                snapshot.area,
                snapshot.terminal,
                snapshot.on.isoformat(),
                str(snapshot.partition),
            )
        case ProjectCard():
            parts = (snapshot.zone, snapshot.project)
        case IndicatorValue():
            parts = (snapshot.zone, snapshot.indicator, snapshot.scope, snapshot.period)
    return "|".join(parts).encode()


def reading_key(reading: PastReading) -> bytes:
    """Return the compaction key of a reading; all readings of one owner have one partition."""
    labels = ",".join(f"{name}={value}" for name, value in sorted(reading.labels.items()))
    return f"{reading.owner}|{reading.series}{{{labels}}}|{reading.on}".encode()


def partition_of(key: bytes, partitions: int) -> int:
    """Return Kafka's default partition (murmur2) of the part of a key before the first `|`.

    So all records of one port area or one zone are in one partition, whatever follows the `|`.
    """
    return (_murmur2(key.split(b"|", 1)[0]) & 0x7FFFFFFF) % partitions


def _murmur2(key: bytes) -> int:
    """Return Kafka's murmur2 (o.a.k.common.utils.Utils) as an unsigned 32-bit integer."""
    mask, m = 0xFFFFFFFF, 0x5BD1E995
    h = 0x9747B28C ^ len(key)
    whole = len(key) & ~3
    for at in range(0, whole, 4):
        k = int.from_bytes(key[at : at + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    if rest := key[whole:]:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def received_at(timestamp_ms: int) -> datetime:
    """Return the moment at which Kafka got a record, by the record's timestamp.

    The producer sets it, or leaves it at -1.  Values before 1970 or after the last day of the
    books are clipped to that range.
    """
    return datetime.fromtimestamp(min(max(timestamp_ms, 0), LATEST_MS) / 1000, UTC)


def epoch_ms(at: datetime) -> int:
    """Return the milliseconds from 1970 to an instant."""
    return round(at.timestamp() * 1000)
