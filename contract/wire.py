"""Bytes to value and back, a value's key, a key's partition: all that is known of the encoding."""

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
from contract.snapshots import (
    DeadLetter,
    IndicatorValue,
    PastReading,
    ProjectCard,
    Snapshot,
    TerminalDay,
)

MAX_EVENT_BYTES = (
    1 << 20
)  # Kafka's own default limit of a record; a larger value was never one of our events
LATEST_MS = 0xFFFF * 86_400_000  # 2149-06-06: the last day of the books

_encoder = msgspec.json.Encoder(decimal_format="number")
_events: msgspec.json.Decoder[RawEvent] = msgspec.json.Decoder(RawEvent)
_moves: msgspec.json.Decoder[MoveEvent] = msgspec.json.Decoder(MoveEvent)
_snapshots: msgspec.json.Decoder[Snapshot] = msgspec.json.Decoder(Snapshot)
_dead_letters = msgspec.json.Decoder(DeadLetter)

decode_move = _moves.decode
"""The hot path's decoder: raises msgspec.MsgspecError; `why` tells the Reason."""


def encode(value: RawEvent | Snapshot | PastReading | DeadLetter) -> bytes:
    """One value as UTF-8 JSON without spaces."""
    return _encoder.encode(value)


def decode(raw: bytes | None) -> RawEvent:
    """One raw event.

    Raises:
        Rejected: with the reason, and in `where` the JSON path.
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
        raise why(raw, error) from None


def decode_snapshot(raw: bytes) -> Snapshot:
    """One snapshot of stage 1.

    Raises:
        Rejected: it is not one.
    """
    try:
        return _snapshots.decode(raw)
    except msgspec.MsgspecError as error:
        raise why(raw, error) from None


def decode_dead_letter(raw: bytes) -> DeadLetter:
    """One record of the dead-letter topic.

    Raises:
        Rejected: it is not one.
    """
    try:
        return _dead_letters.decode(raw)
    except msgspec.MsgspecError as error:
        raise why(raw, error) from None


def why(raw: bytes, error: Exception) -> Rejected:
    """The decoder's complaint as a refusal: reason, JSON path, and what was expected."""
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
    """The Kafka key of a raw event.

    A move's key is its `partitionkey`, else its `source`: an amendment that names another
    terminal, and a retraction that names none, so meet their original.  A terminal's own system is
    one source, so this is keying by terminal.
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
    """The compaction key of a snapshot; what stands before the first `|` decides its partition."""
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
    """The compaction key of a reading: all readings of one owner lie on one partition, too."""
    labels = ",".join(f"{name}={value}" for name, value in sorted(reading.labels.items()))
    return f"{reading.owner}|{reading.series}{{{labels}}}|{reading.on}".encode()


def partition_of(key: bytes, partitions: int) -> int:
    """Kafka's default partition (murmur2) of the part of a key before the first `|`.

    All that one port area or one zone owns therefore lies on one partition, whatever is behind the
    bar.
    """
    return (_murmur2(key.split(b"|", 1)[0]) & 0x7FFFFFFF) % partitions


def _murmur2(key: bytes) -> int:
    """Kafka's murmur2 with its seed (o.a.k.common.utils.Utils), as an unsigned 32-bit integer."""
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
    """The moment at which Kafka got a record, by its timestamp.

    That is what its producer says, -1 for nothing: the ends of the books stand for all beyond.
    """
    return datetime.fromtimestamp(min(max(timestamp_ms, 0), LATEST_MS) / 1000, UTC)


def epoch_ms(at: datetime) -> int:
    """Milliseconds since 1970 of an aware instant."""
    return round(at.timestamp() * 1000)
