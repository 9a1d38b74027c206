"""Raw records as rows of the register: decoded, with the verdict of the ledger's own judge."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from contract.book import Book
from contract.errors import Reason
from contract.record import Record
from contract.topics import MOVES
from ledger.classification import CAUSES
from ledger.equipment import UNKNOWN_SIZE
from ledger.facts import CLASSES, HANDLES, RETRACTED, UNCOUNTED, FactOutcome, Facts
from ledger.fold import CurrentFacts, Dispute, first_open_days
from ledger.journal import BookedTerminal
from ledger.judge import Judge, JudgedBatch
from ledger.refusal_text import conflict_text, too_old_text
from ledger.terminal_table import TerminalTable
from ledger.zone_time import ZoneTime
from register.columns import SCHEMA, TEU, State
from register.described import Described, described
from register.knowledge import known_from
from register.partners import PartnerNames


class _Verdict(NamedTuple):
    """What the judge says of one record."""

    state: State
    reason: str | None = None
    error: str | None = None


class PartitionBatch(NamedTuple):
    """The next records of a partition."""

    partition: int
    records: Sequence[Record]


class RowMaker:
    """Makes rows of raw records.

    It keeps no facts: those that the books hold of the same ids come with each batch.
    """

    def __init__(self, book: Book, terminals: Sequence[BookedTerminal]) -> None:
        self._book = book
        self._terminals = TerminalTable()
        for terminal in terminals:
            self._terminals.code(terminal)
        self._judge = Judge(book, self._terminals)
        self._zone_time = ZoneTime(book.tz)
        self._partner = PartnerNames(book).of_source

    @property
    def terminals(self) -> tuple[BookedTerminal, ...]:
        """The terminals, by their codes in facts."""
        return self._terminals.table

    def judge(self, records: Sequence[Record]) -> JudgedBatch:
        """Return what the judge makes of the next records of one partition."""
        return self._judge.judge(records)

    def code(self, area: str, terminal: str) -> int:
        """Return the code of a terminal in facts."""
        return self._terminals.code(BookedTerminal(area, terminal))

    def rows(
        self, batch: "PartitionBatch", judged: JudgedBatch, held: Facts, latest: int
    ) -> pa.Table:
        """Return the rows of judged records of a partition, without `known_to`.

        `held` are the facts that the books hold of the ids of these records, and `latest` is the
        greatest timestamp of the records before them, in milliseconds since 1970.
        """
        current = CurrentFacts()
        current.fold(held, first_open=0)
        opened = first_open_days(judged.received, self._book.port.open_days)
        _, disputes, _ = current.fold(judged.facts, opened)
        verdicts = self._verdicts(judged, disputes, opened)
        says = [described(record) for record in batch.records]
        facts = _facts_by_record(judged.facts, says)
        columns = self._columns(says, facts, [verdicts[one.offset] for one in says])
        came_at = known_from(
            np.array([one.timestamp for one in says], np.int64),
            np.array([one.sent_again_at for one in says], np.int64),
            latest,
        )
        size = len(says)
        return versions(
            size,
            columns
            | {
                "known_from": came_at,
                "topic": pa.repeat(MOVES.name, size),
                "partition": np.full(size, batch.partition, np.int16),
            },
        )

    def _verdicts(
        self, judged: JudgedBatch, disputes: list[Dispute], opened: npt.NDArray[np.int64]
    ) -> dict[int, _Verdict]:
        """Return offset -> verdict."""
        facts = judged.facts
        verdicts = {
            offset: _booked(kind, cause, unsized=lacks)
            for offset, kind, cause, lacks in zip(
                facts["offset"].tolist(),
                facts["kind"].tolist(),
                judged.causes.tolist(),
                judged.unsized.tolist(),
                strict=True,
            )
        }
        for refusal in judged.refusals:
            verdicts[refusal.offset] = _Verdict(State.REFUSED, refusal.reason.value, refusal.error)
        for at, outcome, new, held in disputes:
            if outcome is FactOutcome.CONFLICT:
                reason = Reason.CONFLICT
                error = conflict_text(new, held, judged.numbers[at], self._terminals.table)
            else:
                reason = Reason.TOO_OLD
                error = too_old_text(new, held, int(opened[at]), self._terminals.table)
            verdicts[new.offset] = _Verdict(State.REFUSED, reason.value, error)
        return verdicts

    def _columns(
        self, says: list[Described], facts: "_ByRecord", verdicts: list[_Verdict]
    ) -> dict[str, Any]:
        columns: dict[str, Any] = {
            name: [getattr(one, name) for one in says]
            for name in SCHEMA.names
            if name in Described._fields
        }
        refused = np.array([one.state is State.REFUSED for one in verdicts], bool)
        kind = np.where(refused, UNCOUNTED, facts.rows["kind"]).astype(np.int64)
        counted = kind < UNCOUNTED
        classes = [CLASSES[code] if code < UNCOUNTED else None for code in kind.tolist()]
        hundredths = facts.rows["hundredths"]
        teu = np.where(HANDLES[kind] & (hundredths != UNKNOWN_SIZE), hundredths, 0)
        recorded = [
            int(recorded) if judged and not one.by_id else one.recorded_time
            for recorded, judged, one in zip(
                facts.rows["recorded"], facts.judged, says, strict=True
            )
        ]
        areas, terminals = self._places(says, facts, counted)
        columns |= {
            "area": areas,
            "terminal": terminals,
            "recorded_time": recorded,
            "business_day": self._days(says, facts),
            "partner": [self._partner(one.source) for one in says],
            "kind": [one and one[1] for one in classes],
            "size_feet": [one and one[3] for one in classes],
            "teu": _decimals(np.where(counted, teu, 0)),
            "moves": counted.astype(np.int8),
            "state": [one.state.value for one in verdicts],
            "reason": [one.reason for one in verdicts],
            "error": [one.error for one in verdicts],
            "id_head": pa.array(facts.rows["head"], mask=~facts.judged),
            "id_rest": facts.rows["rest"],
            "class_code": kind.astype(np.uint8),
            "hundredths": hundredths,
            "minute": facts.rows["minute"].astype(np.int16),
        }
        return columns

    def _places(
        self, says: list[Described], facts: "_ByRecord", counted: npt.NDArray[np.bool_]
    ) -> tuple[list[str], list[str]]:
        """Return area and terminal of each: where it is booked, or else what it names."""
        areas, terminals = [], []
        codes = facts.rows["terminal"].tolist()
        for one, code, is_counted in zip(says, codes, counted.tolist(), strict=True):
            if is_counted:
                area, terminal = self._terminals.table[code]
            else:
                terminal = self._book.terminal_codes.get(one.facility, one.facility)
                area = self._book.area_of.get(terminal, "")
            areas.append(area)
            terminals.append(terminal)
        return areas, terminals

    def _days(self, says: list[Described], facts: "_ByRecord") -> pa.Array:
        """Return the day of each event; of what is no event, the day on which it came."""
        times = [one.timestamp if one.event_time is None else one.event_time for one in says]
        days, _ = self._zone_time.split(np.array(times, np.float64) / 1000)
        booked = np.where(facts.judged, facts.rows["day"], days)
        return pa.array(booked.astype(np.int32), pa.int32()).cast(pa.date32())


def versions(size: int, columns: Mapping[str, Any]) -> pa.Table:
    """Return rows of these columns; those that are not given are empty."""
    arrays = [
        _array(columns[field.name], field.type)
        if field.name in columns
        else pa.nulls(size, field.type)
        for field in SCHEMA
    ]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


class _ByRecord(NamedTuple):
    """The fact of each record, zeros where the judge made none."""

    rows: Facts
    judged: npt.NDArray[np.bool_]


def _facts_by_record(facts: Facts, says: list[Described]) -> _ByRecord:
    offsets = np.array([one.offset for one in says], np.uint64)
    at = np.searchsorted(offsets, facts["offset"])
    rows = np.zeros(len(says), facts.dtype)
    judged = np.zeros(len(says), bool)
    rows[at], judged[at] = facts, True
    return _ByRecord(rows, judged)


def _booked(kind: int, cause: int, *, unsized: bool) -> _Verdict:
    if kind < UNCOUNTED:
        return _Verdict(State.COUNTED, Reason.UNKNOWN_SIZE.value if unsized else None)
    if kind == RETRACTED:
        return _Verdict(State.RETRACTED)
    name = CAUSES[cause]
    return _Verdict(State.UNCOUNTED, name.value if name else None)


def _decimals(hundredths: npt.NDArray[np.int64]) -> pa.Array:
    """Return hundredths of a TEU as decimals, exactly."""
    words = np.zeros((len(hundredths), 2), np.int64)  # 128 bits, the lower half first
    words[:, 0] = hundredths
    return pa.Array.from_buffers(TEU, len(words), [None, pa.py_buffer(words)])


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array):
        return values if values.type == kind else values.cast(kind)
    if pa.types.is_timestamp(kind):
        return pa.array(values, pa.int64()).cast(kind)
    return pa.array(values, kind)
