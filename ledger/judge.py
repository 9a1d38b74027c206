"""Records to facts: decodes, refuses what can't be booked, and says which class each move is of.

One Python pass a batch gathers columns; times, days, check digits and classes are then worked out
for the whole batch.
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
    PLACE,
    UNSIZED,
    classification_of,
)
from ledger.equipment import number_hashes
from ledger.facts import BOX_BITS, FACT, FINAL, NOWHERE, UNCOUNTED, Facts
from ledger.journal import LedgerPlace
from ledger.places import Places
from ledger.zone_time import ZoneTime, utc

DIGEST = np.dtype([("head", "<u8"), ("rest", "<u4"), ("spare", "<u4")])  # of an id: XXH3-128
SMALL_BYTES = 4096  # of an event that is kept until its refusal is told: a batch may be all bad
MAX_VERDICTS = 65_536  # cached; a port's traffic has a few hundred, a broken sender any number
LONGEST_CACHED = 256  # characters of what a verdict rests on; a broken sender's may have a million


class Refusal(NamedTuple):
    """An event set aside; `counted` means that its move is in the books all the same."""

    offset: int
    reason: Reason
    error: str
    counted: bool = False
    record: Record | None = None
    """The event, where it is at hand still and not large."""


class JudgedBatch(NamedTuple):
    """What a batch says: facts in source order, and beside each what the tally needs."""

    events: int
    """How many records it had."""
    last: int
    """The offset of the last one, -1 if it had none."""
    facts: Facts
    seconds: npt.NDArray[np.float64]
    """Event time of each, seconds since 1970."""
    received: npt.NDArray[np.int64]
    """The day of the port's zone on which Kafka got each."""
    causes: npt.NDArray[np.int64]
    """Index into CAUSES."""
    numbers: list[str]
    """Container numbers, "" for none."""
    unsized: npt.NDArray[np.bool_]
    """Whether its TEU would count, were its size known."""
    at_hand: dict[int, Record]
    """offset -> record of those, unless large."""
    refusals: list[Refusal]


class Judge:
    """Judges the records of one partition by the book, each as of the moment Kafka got it.

    The clock of whoever reads them has no say, so reading them again judges them the same.
    """

    def __init__(self, book: Book, places: Places) -> None:
        self._book = book
        self._places = places
        self._zone_time = ZoneTime(book.tz)
        self._verdicts: dict[tuple[object, ...], int] = {}

    def judge(self, records: Iterable[Record]) -> JudgedBatch:
        """The facts of a batch, in its order, and what is refused of it."""
        verdict_of, hash_of = self._verdicts.get, xxh3_128_digest
        refusals: list[Refusal] = []
        digests: list[bytes] = []
        recorded: list[float] = []
        seconds: list[float] = []
        offsets: list[int] = []
        stamps: list[int] = []
        verdicts: list[int] = []
        unsized: list[Record] = []
        numbers: list[str] = []
        for record in records:
            raw = record.value
            try:
                if record.headers:
                    raw = structured(raw, record.headers)
                if raw is None or len(raw) > MAX_EVENT_BYTES:
                    decode(raw)  # refuses both, and says so
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
                    known = verdict_of(key)
                    verdict = self._verdict(key, move) if known is None else known
                    number = move.equipmentReference or ""
                else:
                    name, verdict, number = event.data.retractedEventID, BY_ID, ""
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
            verdicts.append(verdict)
            numbers.append(number)
            if verdict >= UNSIZED and len(raw) <= SMALL_BYTES:
                unsized.append(record)
        judgements = np.array(verdicts, np.int64)
        made, occurred = np.array(recorded, np.float64), np.array(seconds, np.float64)
        received = np.clip(np.array(stamps, np.float64), 0, LATEST_MS) / 1000  # as `received_at`
        judged = JudgedBatch(
            events=len(offsets) + len(refusals),
            last=max([*offsets[-1:], *(refusal.offset for refusal in refusals[-1:])], default=-1),
            facts=self._facts(
                digests, number_hashes(numbers), made, occurred, offsets, judgements
            ),
            seconds=occurred,
            received=self._zone_time.split(received)[0],
            causes=judgements >> CAUSE & 0x7F,
            numbers=numbers,
            unsized=judgements >= UNSIZED,
            at_hand={record.offset: record for record in unsized},
            refusals=refusals,
        )
        return self._refuse_future(judged, made, judgements >> ACTUAL & 1 == 1, received)

    def _facts(
        self,
        digests: list[bytes],
        boxes: npt.NDArray[np.uint32],
        made: npt.NDArray[np.float64],
        occurred: npt.NDArray[np.float64],
        offsets: list[int],
        judgements: npt.NDArray[np.int64],
    ) -> Facts:
        facts = np.empty(len(digests), FACT)
        ids = np.frombuffer(b"".join(digests), DIGEST)
        by_id = judgements == BY_ID
        facts["head"], facts["rest"] = ids["head"], ids["rest"] << BOX_BITS | boxes
        facts["recorded"] = np.where(by_id, FINAL, np.rint(made * 1000).astype(np.int64))
        facts["offset"] = np.array(offsets, np.uint64)
        facts["day"], facts["minute"] = self._zone_time.split(np.where(by_id, made, occurred))
        facts["place"] = judgements >> PLACE & 0xFF
        facts["kind"] = judgements & 0xFF
        facts["hundredths"] = judgements >> HUNDREDTHS & 0xFFFF
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

    def _verdict(self, key: tuple[object, ...], move: Move) -> int:
        verdict = classification_of(move, self._book.port.teu)
        counts = verdict & 0xFF < UNCOUNTED
        verdict |= (self._place(move.facilityCode) if counts else NOWHERE) << PLACE
        if sum(len(part) for part in key if isinstance(part, str)) <= LONGEST_CACHED:
            if len(self._verdicts) >= MAX_VERDICTS:
                self._verdicts.clear()
            self._verdicts[key] = verdict
        return verdict

    def _place(self, facility: str) -> int:
        terminal = self._book.terminal_codes.get(facility)
        if terminal is None:
            raise Rejected(
                Reason.UNKNOWN_TERMINAL,
                f"{facility!r} is no terminal of this port; known: "
                f"{', '.join(sorted(self._book.terminal_codes))}; "
                "add it, or an alias, to quaymark.toml",
                where="$.data.facilityCode",
            )
        return self._places.code(LedgerPlace(self._book.area_of[terminal], terminal))


def _refusal(record: Record, fault: Rejected) -> Refusal:
    at_hand = record if len(record.value or b"") <= SMALL_BYTES else None
    return Refusal(record.offset, fault.reason, str(fault), record=at_hand)
