"""Raw records into facts: decodes and classifies moves, and rejects what cannot be booked.

One pass over a batch in Python collects columns.  Times, days and sizes are then computed for the
whole batch at once.
"""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from xxhash import xxh3_128_digest

from contract.binary_mode import structured
from contract.book import Book
from contract.errors import Reason, Rejected
from contract.events import ContainerMoved, Move
from contract.future import LONGEST_AHEAD, future_time_message
from contract.record import Record
from contract.wire import LATEST_MS, MAX_EVENT_BYTES, decode, decode_move, rejection_of
from ledger.classification import (
    ACTUAL,
    BY_ID,
    CAUSE,
    HUNDREDTHS,
    TERMINAL,
    UNSIZED,
    classification_of,
)
from ledger.equipment import number_hashes
from ledger.facts import BOX_BITS, FACT, FINAL, NO_TERMINAL, UNCOUNTED, Facts
from ledger.journal import BookedTerminal
from ledger.terminal_table import TerminalTable
from ledger.zone_time import ZoneTime, utc

DIGEST = np.dtype([("head", "<u8"), ("rest", "<u4"), ("spare", "<u4")])  # of an id: XXH3-128
SMALL_BYTES = 4096  # larger rejected events are not kept in memory: a whole batch may be rejected
MAX_CACHED = 65_536  # classifications; a port has a few hundred, a faulty sender any number
LONGEST_KEY = 256  # characters of a key in the cache; a faulty sender may send a million


class Refusal(NamedTuple):
    """A rejected event; `counted` means that its move is in the books all the same."""

    offset: int
    reason: Reason
    error: str
    counted: bool = False
    record: Record | None = None
    """The record of the event, if it is still in memory and small."""


class JudgedBatch(NamedTuple):
    """The facts of a batch in source order, and for each what the tally needs."""

    events: int
    """The number of records in the batch."""
    last: int
    """The offset of its last record, -1 without records."""
    facts: Facts
    seconds: npt.NDArray[np.float64]
    """The event time of each fact, in seconds since 1970."""
    received: npt.NDArray[np.int64]
    """The day in the port's zone on which Kafka got each."""
    causes: npt.NDArray[np.int64]
    """The index of each in CAUSES."""
    numbers: list[str]
    """The container number of each, "" for none."""
    unsized: npt.NDArray[np.bool_]
    """Whether the TEU of each would count if its size were known."""
    unsized_records: dict[int, Record]
    """offset -> record of the unsized moves, unless it is large."""
    refusals: list[Refusal]


class Judge:
    """Judges the records of one partition by the book, as of the moment at which Kafka got each.

    The worker's clock has no effect, so that reading records again gives the same facts.
    """

    def __init__(self, book: Book, terminals: TerminalTable) -> None:
        self._book = book
        self._terminals = terminals
        self._zone_time = ZoneTime(book.tz)
        self._classifications: dict[tuple[object, ...], int] = {}

    def judge(self, records: Iterable[Record]) -> JudgedBatch:
        """Return the facts of a batch, in its order, and the events rejected from it."""
        cached, hash_of = self._classifications.get, xxh3_128_digest
        refusals: list[Refusal] = []
        digests: list[bytes] = []
        recorded: list[float] = []
        seconds: list[float] = []
        offsets: list[int] = []
        stamps: list[int] = []
        classifications: list[int] = []
        unsized: list[Record] = []
        numbers: list[str] = []
        for record in records:
            raw = record.value
            try:
                if record.headers:
                    raw = structured(raw, record.headers)
                if raw is None or len(raw) > MAX_EVENT_BYTES:
                    decode(raw)  # raises Rejected for both
                    continue
                event = decode_move(raw)
                if isinstance(event, ContainerMoved):
                    move, call, name = event.data, event.data.transportCall, event.id
                    mode = None if call is None else call.modeOfTransport
                    key = (
                        move.eventClassifierCode,
                        move.equipmentEventTypeCode,
                        move.ISOEquipmentCode,
                        move.emptyIndicatorCode,
                        move.isTransshipmentMove,
                        move.moveStatus,
                        mode,
                        move.facilityTypeCode,
                        move.isRetracted,
                        move.facilityCode,
                    )
                    known = cached(key)
                    packed = self._classified(key, move) if known is None else known
                    number = move.equipmentReference or ""
                else:
                    name, packed, number = event.data.retractedEventID, BY_ID, ""
                digest = hash_of(f"{event.source}\0{name}".encode())
            except Rejected as refused:
                refusals.append(_refusal(record, refused))
                continue
            except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                refusals.append(_refusal(record, rejection_of(raw or b"", error)))
                continue
            digests.append(digest)
            recorded.append(event.recordedtime.timestamp())
            seconds.append(event.time.timestamp())
            offsets.append(record.offset)
            stamps.append(record.timestamp)
            classifications.append(packed)
            numbers.append(number)
            if packed >= UNSIZED and len(raw) <= SMALL_BYTES:
                unsized.append(record)
        classified = np.array(classifications, np.int64)
        made, occurred = np.array(recorded, np.float64), np.array(seconds, np.float64)
        received = np.clip(np.array(stamps, np.float64), 0, LATEST_MS) / 1000  # as `received_at`
        judged = JudgedBatch(
            events=len(offsets) + len(refusals),
            last=max([*offsets[-1:], *(refusal.offset for refusal in refusals[-1:])], default=-1),
            facts=self._facts(
                digests, number_hashes(numbers), made, occurred, offsets, classified
            ),
            seconds=occurred,
            received=self._zone_time.split(received)[0],
            causes=classified >> CAUSE & 0x7F,
            numbers=numbers,
            unsized=classified >= UNSIZED,
            unsized_records={record.offset: record for record in unsized},
            refusals=refusals,
        )
        return self._refuse_future(judged, made, classified >> ACTUAL & 1 == 1, received)

    def _facts(
        self,
        digests: list[bytes],
        boxes: npt.NDArray[np.uint32],
        made: npt.NDArray[np.float64],
        occurred: npt.NDArray[np.float64],
        offsets: list[int],
        classified: npt.NDArray[np.int64],
    ) -> Facts:
        facts = np.empty(len(digests), FACT)
        ids = np.frombuffer(b"".join(digests), DIGEST)
        by_id = classified == BY_ID
        facts["head"], facts["rest"] = ids["head"], ids["rest"] << BOX_BITS | boxes
        facts["recorded"] = np.where(by_id, FINAL, np.rint(made * 1000).astype(np.int64))
        facts["offset"] = np.array(offsets, np.uint64)
        facts["day"], facts["minute"] = self._zone_time.split(np.where(by_id, made, occurred))
        facts["terminal"] = classified >> TERMINAL & 0xFF
        facts["kind"] = classified & 0xFF
        facts["hundredths"] = classified >> HUNDREDTHS & 0xFFFF
        return facts

    def _refuse_future(
        self,
        judged: JudgedBatch,
        made: npt.NDArray[np.float64],
        actual: npt.NDArray[np.bool_],
        received: npt.NDArray[np.float64],
    ) -> JudgedBatch:
        limit = received + LONGEST_AHEAD.total_seconds()
        refused = (made > limit) | (actual & (judged.seconds > limit))
        if not refused.any():
            return judged
        for i in np.flatnonzero(refused).tolist():
            name, at = ("recordedtime", made) if made[i] > limit[i] else ("time", judged.seconds)
            error = f"$.{name}: {future_time_message(utc(float(at[i])), utc(float(received[i])))}"
            offset = int(judged.facts["offset"][i])
            judged.refusals.append(Refusal(offset, Reason.FUTURE_TIME, error))
        stay = np.flatnonzero(~refused)
        return judged._replace(
            facts=np.take(judged.facts, stay),
            seconds=judged.seconds[stay],
            received=judged.received[stay],
            causes=judged.causes[stay],
            numbers=[judged.numbers[i] for i in stay.tolist()],
            unsized=judged.unsized[stay],
        )

    def _classified(self, key: tuple[object, ...], move: Move) -> int:
        packed = classification_of(move, self._book.port.teu)
        counts = packed & 0xFF < UNCOUNTED
        packed |= (self._terminal_code(move.facilityCode) if counts else NO_TERMINAL) << TERMINAL
        if sum(len(part) for part in key if isinstance(part, str)) <= LONGEST_KEY:
            if len(self._classifications) >= MAX_CACHED:
                self._classifications.clear()
            self._classifications[key] = packed
        return packed

    def _terminal_code(self, facility: str) -> int:
        terminal = self._book.terminal_codes.get(facility)
        if terminal is None:
            raise Rejected(
                Reason.UNKNOWN_TERMINAL,
                f"{facility!r} is no terminal of this port; known: "
                f"{', '.join(sorted(self._book.terminal_codes))}; "
                "add it to quaymark.toml, or to the aliases of a terminal there",
                where="$.data.facilityCode",
            )
        return self._terminals.code(BookedTerminal(self._book.area_of[terminal], terminal))


def _refusal(record: Record, fault: Rejected) -> Refusal:
    kept = record if len(record.value or b"") <= SMALL_BYTES else None
    return Refusal(record.offset, fault.reason, str(fault), record=kept)
