"""Records to facts: decodes, refuses what can't be booked, and says which class each move is of.

One Python pass a batch gathers columns; times, days, check digits and classes are then worked out
for the whole batch.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec
import numpy as np
import numpy.typing as npt
from xxhash import xxh3_128_digest

from contract.binary_mode import Headers, structured
from contract.book import Book
from contract.errors import Reason, Rejected
from contract.events import ContainerMoved, Move
from contract.future import AHEAD_SECONDS, ahead
from contract.wire import MAX_EVENT_BYTES, decode, decode_move, why
from ledger.facts import FACT, FINAL, NOWHERE, UNCOUNTED, Facts
from ledger.journal import Place
from ledger.places import Places
from ledger.verdict import ACTUAL, BY_ID, HUNDREDTHS, WHY, verdict_on
from ledger.zone_time import ZoneTime, utc

DIGEST = np.dtype([("head", "<u8"), ("rest", "<u4"), ("spare", "<u4")])  # of an id: XXH3-128
MAX_VERDICTS = 65_536  # cached; a port's traffic has a few hundred, a broken sender any number


class Record(Protocol):
    """A record of the raw topic, as aiokafka gives it."""

    @property
    def offset(self) -> int:
        """Where it stands in its partition."""

    @property
    def timestamp(self) -> int:
        """When Kafka got it, milliseconds since 1970."""

    @property
    def value(self) -> bytes | None:
        """The event's bytes, or in binary mode its data's."""

    @property
    def headers(self) -> Headers:
        """Empty, or in binary mode the event's attributes."""


class Refusal(NamedTuple):
    """An event set aside; `counted` means that its move is in the books all the same."""

    offset: int
    reason: Reason
    error: str
    counted: bool = False


class Judged(NamedTuple):
    """What a batch says: facts in source order, and beside each what the tally needs."""

    facts: Facts
    seconds: npt.NDArray[np.float64]
    """Event time of each, seconds since 1970."""
    received: npt.NDArray[np.int64]
    """The day of the port's zone on which Kafka got each."""
    why: npt.NDArray[np.int64]
    """Index into WHY_UNCOUNTED."""
    numbers: list[str]
    """Container numbers, "" for none."""
    refusals: list[Refusal]


class Judge:
    """Judges the records of one partition by the book, each as of the moment Kafka got it.

    The clock of whoever reads them has no say, so reading them again judges them the same.
    """

    def __init__(self, book: Book, places: Places) -> None:
        self._book = book
        self._places = places
        self._zone_time = ZoneTime(book.tz)
        self._verdicts: dict[tuple[object, ...], tuple[int, int]] = {}

    def judge(self, records: Sequence[Record]) -> Judged:
        """The facts of a batch, in its order, and what is refused of it."""
        verdict_of, hash_of = self._verdicts.get, xxh3_128_digest
        refusals: list[Refusal] = []
        digests: list[bytes] = []
        recorded: list[float] = []
        seconds: list[float] = []
        offsets: list[int] = []
        stamps: list[int] = []
        verdicts: list[int] = []
        places: list[int] = []
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
                    verdict, place = self._verdict(key, move) if known is None else known
                    number = move.equipmentReference or ""
                else:
                    name, verdict, place, number = event.data.retractedEventID, BY_ID, NOWHERE, ""
                digest = hash_of(f"{event.source}\0{name}".encode())
            except Rejected as refused:
                refusals.append(Refusal(record.offset, refused.reason, str(refused)))
                continue
            except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                fault = why(raw or b"", error)
                refusals.append(Refusal(record.offset, fault.reason, str(fault)))
                continue
            digests.append(digest)
            recorded.append(event.recordedtime.timestamp())
            seconds.append(event.time.timestamp())
            offsets.append(record.offset)
            stamps.append(record.timestamp)
            verdicts.append(verdict)
            places.append(place)
            numbers.append(number)
        facts, occurred, why_not = self._facts(
            digests, recorded, seconds, offsets, verdicts, places
        )
        received = np.array(stamps, np.float64) / 1000
        days, _ = self._zone_time.split(received)
        judged = Judged(facts, occurred, days, why_not, numbers, refusals)
        return self._refuse_future(judged, recorded, verdicts, received)

    def _facts(
        self,
        digests: list[bytes],
        recorded: list[float],
        seconds: list[float],
        offsets: list[int],
        verdicts: list[int],
        places: list[int],
    ) -> tuple[Facts, npt.NDArray[np.float64], npt.NDArray[np.int64]]:
        facts = np.empty(len(digests), FACT)
        ids = np.frombuffer(b"".join(digests), DIGEST)
        verdict, occurred = np.array(verdicts, np.int64), np.array(seconds, np.float64)
        made = np.array(recorded, np.float64)
        kind = verdict & 0xFF
        by_id = verdict == BY_ID
        facts["head"], facts["rest"] = ids["head"], ids["rest"]
        facts["recorded"] = np.where(by_id, FINAL, np.rint(made * 1000).astype(np.int64))
        facts["offset"] = np.array(offsets, np.uint64)
        facts["day"], facts["minute"] = self._zone_time.split(np.where(by_id, made, occurred))
        facts["place"] = np.where(kind < UNCOUNTED, np.array(places, np.int64), NOWHERE)
        facts["kind"] = kind
        facts["hundredths"] = verdict >> HUNDREDTHS & 0xFFFF
        return facts, occurred, verdict >> WHY & 0x7F

    def _refuse_future(
        self,
        judged: Judged,
        recorded: list[float],
        verdicts: list[int],
        received: npt.NDArray[np.float64],
    ) -> Judged:
        limit = received + AHEAD_SECONDS
        actual = np.array(verdicts, np.int64) >> ACTUAL & 1 == 1
        made = np.array(recorded, np.float64)
        refused = (made > limit) | (actual & (judged.seconds > limit))
        if not refused.any():
            return judged
        for i in np.flatnonzero(refused).tolist():
            name, at = ("recordedtime", made) if made[i] > limit[i] else ("time", judged.seconds)
            error = f"$.{name}: {ahead(utc(float(at[i])), utc(float(received[i])))}"
            offset = int(judged.facts["offset"][i])
            judged.refusals.append(Refusal(offset, Reason.FUTURE_TIME, error))
        stay = np.flatnonzero(~refused)
        return Judged(
            np.take(judged.facts, stay),
            judged.seconds[stay],
            judged.received[stay],
            judged.why[stay],
            [judged.numbers[i] for i in stay.tolist()],
            judged.refusals,
        )

    def _verdict(self, key: tuple[object, ...], move: Move) -> tuple[int, int]:
        verdict = verdict_on(move, self._book.port.teu)
        place = NOWHERE if verdict & 0xFF >= UNCOUNTED else self._place(move.facilityCode)
        if len(self._verdicts) >= MAX_VERDICTS:
            self._verdicts.clear()
        self._verdicts[key] = verdict, place
        return verdict, place

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
        return self._places.code(Place(self._book.area_of[terminal], terminal))
