"""Totals of a statement from CSV: one row for a day, month or ship, with its TEU or its moves."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from contract.container_size import length_code
from contract.errors import Reason, Rejected
from contract.events import EquipmentEvent, Fill
from contract.evidence.statement import StatedTotal, StatementNote, UnreadLine
from contract.move_class import MoveKind
from contract.period import days_of_period
from producers.csv import indicators, moves
from producers.csv.numbers import number
from producers.csv.table import CsvRow, CsvTable, Header, columns
from producers.csv.units import last_day, period_of
from producers.reading.outcome import (
    File,
    ReadingTerms,
    Warned,
    excerpt,
    refusal,
    unread,
)
from producers.reading.values import container_size, known_code, terminal_code

COLUMNS = {
    "period": ("day", *indicators.COLUMNS["period"]),
    "vessel": ("ship", *moves.COLUMNS["vessel"]),
    **{name: moves.COLUMNS[name] for name in ("voyage", "terminal", "move", "size", "fill")},
    "kind": ("种类", "类别"),
    "teu": moves.COLUMNS["teu"],
    "moves": ("lifts", "boxes", "units", "箱量", "自然箱", "作业箱量", "箱数"),
}
"""Name of a column -> other headers with the same meaning."""
KEYS = ("period", "vessel", "voyage")
AMOUNTS = ("teu", "moves")
KINDS = {
    **{kind.value: kind.value for kind in MoveKind},
    **{
        "transshipment": "transhipment",
        "中转": "transhipment",
        "普通": "normal",
        "倒箱": "restow",
    },
}
"""Word for a kind -> ours."""
FEET = {"1": "10", "2": "20", "3": "30", "4": "40", "L": "45"}
"""First character of a code of ISO 6346 -> feet; every other length is `other`."""
LARGEST = 10**12
"""TEU or moves of a total: 1,000 times what all ports of the world handle in a year."""
Lines = Iterator[StatedTotal | StatementNote | UnreadLine]


def is_header(header: Header) -> bool:
    """Whether a row names days, months or ships, and their TEU or moves, but no single moves."""
    found = columns(header, COLUMNS)
    return (
        any(name in found for name in KEYS)
        and any(name in found for name in AMOUNTS)
        and "container" not in columns(header, moves.COLUMNS)
    )


def read(file: File, terms: ReadingTerms) -> Lines:
    """Yield the totals of a file, and the rows that can't be read."""
    table = CsvTable(file.stream, is_header)
    at = columns(table.header, COLUMNS)
    for warned in (*table.above, *unread(table.at, table.header, at.values())):
        yield StatementNote(f"{file.name}, {warned.at}", warned.message)
    for row in table.rows():
        if isinstance(row, CsvRow):
            try:
                yield _total(row, at, terms, file.name, table.delimiter)
                continue
            except Rejected as rejected:
                row = refusal(row.at, rejected)
        if isinstance(row, Warned):
            yield StatementNote(f"{file.name}, {row.at}", row.message)
        else:
            yield UnreadLine(f"{file.name}, {row.at}", row.reason.value, row.message)


def _total(
    row: CsvRow, at: dict[str, str], terms: ReadingTerms, file: str, delimiter: str
) -> StatedTotal:
    def cell(name: str) -> str:
        return row.cells[at[name]] if name in at else ""

    if not any(cell(name) for name in KEYS):
        where = ", ".join(at[name] for name in KEYS if name in at)
        raise Rejected(Reason.MISSING_FIELD, "no day, month or ship is named", where=where)
    amounts = {name: _amount(cell(name), at[name], delimiter) for name in AMOUNTS if cell(name)}
    if not amounts:
        where = ", ".join(at[name] for name in AMOUNTS if name in at)
        raise Rejected(Reason.MISSING_FIELD, "neither TEU nor moves are given", where=where)
    first, last = _days(cell("period"), at["period"]) if cell("period") else (None, None)
    move, fill = cell("move"), cell("fill")
    return StatedTotal(
        at=f"{file}, {row.at}",
        first=first,
        last=last,
        vessel=cell("vessel") or None,
        voyage=cell("voyage") or None,
        terminal=terminal_code(cell("terminal"), terms.partner, terms.book)
        if cell("terminal")
        else None,
        move=known_code(EquipmentEvent, move, at["move"]).value if move else None,
        kind=_kind(cell("kind"), at["kind"]) if cell("kind") else None,
        fill=known_code(Fill, fill, at["fill"]).value if fill else None,
        size_feet=_feet(cell("size"), at["size"], terms) if cell("size") else None,
        hundredths=_whole(amounts["teu"], at["teu"], 100) if "teu" in amounts else None,
        moves=_whole(amounts["moves"], at["moves"], 1) if "moves" in amounts else None,
    )


def _days(text: str, where: str) -> tuple[date, date]:
    """Return the first and the last day of a day, month, quarter or year."""
    period = period_of(text, where)
    last = last_day(period)
    if len(period) == len("2026-08-23"):
        return last, last
    first, end = days_of_period(period)
    return first, end - timedelta(1)


def _amount(text: str, where: str, delimiter: str) -> Decimal:
    amount = number(text, where, delimiter)
    if amount < 0:
        raise Rejected(Reason.BAD_VALUE, f"{excerpt(text)} is below zero", where=where)
    if amount > LARGEST:
        raise Rejected(
            Reason.BAD_VALUE, f"{excerpt(text)} is more than any port has handled", where=where
        )
    return amount


def _whole(amount: Decimal, where: str, parts: int) -> int:
    """Return an amount in parts: hundredths of a TEU, or moves."""
    if amount * parts != int(amount * parts):
        said = "has more than two decimals" if parts > 1 else "is no whole number"
        raise Rejected(Reason.BAD_VALUE, f"{amount} {said}", where=where)
    return int(amount * parts)


def _kind(text: str, where: str) -> str:
    try:
        return KINDS[text.casefold()]
    except KeyError:
        known = ", ".join(KINDS)
        raise Rejected(
            Reason.UNKNOWN_CODE, f"{excerpt(text)} is not known; known: {known}", where=where
        ) from None


def _feet(text: str, where: str, terms: ReadingTerms) -> str:
    size = container_size(text, terms.partner) or ""
    if size.isdigit() and len(size) == 2:
        size += "FT"
    length = length_code(size)
    if length is None:
        raise Rejected(Reason.BAD_VALUE, f"{excerpt(text)} is no size", where=where)
    return FEET.get(length, "other")
