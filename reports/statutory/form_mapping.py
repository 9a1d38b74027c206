"""The mapping file of a statutory form: which figure stands in which cell of a template."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from contract.errors import Misconfigured
from contract.target_file import nearest
from reports.statutory.form_cell import CellSpan, ClassFilter, FormCell, FormFigure

SIZES = ("10", "20", "30", "40", "45", "other", "unknown")
"""Lengths in feet, as `contract.snapshots.ClassSum` has them."""


class CellPart(Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says of a cell, or of all cells of a row or column of a grid."""

    figure: str | None = None
    span: str | None = None
    move: str | None = None
    fill: str | None = None
    kind: str | None = None
    size: str | tuple[str, ...] | None = None
    terminal: str | None = None
    trade: str | None = None
    per: Annotated[float, Meta(gt=0)] | None = None
    digits: Annotated[int, Meta(ge=0, le=6)] | None = None


_CLASSES = frozenset(("move", "fill", "kind", "size", "terminal", "trade"))
_SPANS, _OF_YEAR = tuple(CellSpan), (CellSpan.MONTH, CellSpan.YEAR)
_TAKES: dict[FormFigure, tuple[frozenset[str], tuple[CellSpan, ...]]] = {
    FormFigure.TEU: (_CLASSES, _SPANS),
    FormFigure.BOXES: (_CLASSES, _SPANS),
    FormFigure.TONNES: (_CLASSES, _SPANS),
    FormFigure.PLAN: (frozenset(), _OF_YEAR),
    FormFigure.OF_PLAN: (frozenset(), _OF_YEAR),
    FormFigure.ON_YEAR: (frozenset(("terminal",)), _OF_YEAR),
    FormFigure.ON_MONTH: (frozenset(("terminal",)), (CellSpan.MONTH,)),
}
"""Figure -> the fields that select moves, and the spans; those that are not here take neither."""
_WORDS: dict[str, tuple[str, ...]] = {
    "figure": tuple(FormFigure),
    "span": _SPANS,
    "move": ("load", "discharge"),
    "fill": ("laden", "empty"),
    "kind": ("normal", "transhipment"),
    "trade": ("international", "feeder", "domestic"),
}
"""Field -> the words that it may have."""
_FIELDS = CellPart.__struct_fields__
_AT = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}")
_COLUMN, _ROW = re.compile(r"[A-Z]{1,3}"), re.compile(r"[1-9][0-9]{0,6}")


def read_mapping(text: str, path: str, terminals: Iterable[str]) -> tuple[FormCell, ...]:
    """Return the cells that the text of `path` names, in its order.

    Raises:
        Misconfigured: there are mistakes; the message has a line `path: place: reason` for each.
    """
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{path}: not TOML: {error}") from None
    mapping = _Mapping(tuple(terminals))
    cells = mapping.cells(read)
    if not cells and not mapping.mistakes:
        mapping.mistakes.append("no cell is named, expected [[cell]] or [[grid]]")
    if mapping.mistakes:
        raise Misconfigured("\n".join(f"{path}: {one}" for one in mapping.mistakes))
    return cells


class _Mapping:
    """The reading of one file; mistakes gather."""

    def __init__(self, terminals: tuple[str, ...]) -> None:
        self._words = _WORDS | {"terminal": terminals, "size": SIZES}
        self.mistakes: list[str] = []
        self._seen: dict[tuple[str, str], str] = {}
        """Sheet and cell -> where the file names it."""

    def cells(self, read: Mapping[str, Any]) -> tuple[FormCell, ...]:
        """Return all cells; mistakes are in `mistakes`."""
        for name in sorted(read.keys() - {"sheet", "cell", "grid"}):
            self.mistakes.append(f"{name!r} is unknown{nearest(name, ('sheet', 'cell', 'grid'))}")
        sheet = self._text(read, "sheet", "the file", "")
        found = [
            self._cell(at, (fields,), sheet_of, place)
            for at, fields, sheet_of, place in self._singles(read, sheet)
        ]
        for columns, rows, sheet_of, place in self._grids(read, sheet):
            found += [
                self._cell(f"{column}{row}", (of_row, of_column), sheet_of, place)
                for row, of_row in rows.items()
                for column, of_column in columns.items()
            ]
        return tuple(one for one in found if one)

    def _singles(
        self, read: Mapping[str, Any], sheet: str
    ) -> Iterator[tuple[str, CellPart, str, str]]:
        for number, table in enumerate(self._tables(read, "cell"), 1):
            place = f"[[cell]] {number}"
            at = self._text(table, "at", place, "").upper()
            if not _AT.fullmatch(at):
                self.mistakes.append(f"{place}: at is {at!r}, expected one cell such as C6")
                continue
            fields = {key: one for key, one in table.items() if key not in ("at", "sheet")}
            part = self._part(fields, f"{place}, {at}")
            if part:
                yield at, part, self._text(table, "sheet", place, sheet), f"{place}, {at}"

    def _grids(
        self, read: Mapping[str, Any], sheet: str
    ) -> Iterator[tuple[dict[str, CellPart], dict[str, CellPart], str, str]]:
        for number, table in enumerate(self._tables(read, "grid"), 1):
            place = f"[[grid]] {number}"
            for name in sorted(table.keys() - {"sheet", "columns", "rows"}):
                known = ("sheet", "columns", "rows")
                self.mistakes.append(f"{place}: {name!r} is unknown{nearest(name, known)}")
            columns = self._parts(table, "columns", place, (_COLUMN, "letters such as C"))
            rows = self._parts(table, "rows", place, (_ROW, "a number such as 6"))
            yield columns, rows, self._text(table, "sheet", place, sheet), place

    def _parts(
        self, table: Mapping[str, Any], name: str, place: str, form: tuple[re.Pattern[str], str]
    ) -> dict[str, CellPart]:
        found: dict[str, CellPart] = {}
        held = table.get(name)
        if not isinstance(held, dict) or not held:
            self.mistakes.append(f"{place}: {name} are missing, expected [grid.{name}]")
            return found
        for key, fields in held.items():
            where = f"{place}, {name}.{key}"
            if not form[0].fullmatch(key.upper()):
                self.mistakes.append(f"{where}: expected {form[1]}")
            elif part := self._part(fields, where):
                found[key.upper()] = part
        return found

    def _tables(self, read: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
        found = read.get(name, [])
        if isinstance(found, list) and all(isinstance(one, dict) for one in found):
            return found
        self.mistakes.append(f"{name} is no list of tables, expected [[{name}]]")
        return []

    def _text(self, table: Mapping[str, Any], name: str, place: str, default: str) -> str:
        found = table.get(name, default)
        if isinstance(found, str):
            return found
        self.mistakes.append(f"{place}: {name} is {found!r}, expected a text in quotes")
        return default

    def _part(self, fields: Any, place: str) -> CellPart | None:
        """Return what a table says; its words are checked here, so that each is told once."""
        if not isinstance(fields, dict):
            self.mistakes.append(f"{place}: {fields!r} is no table, expected {{ figure = … }}")
            return None
        before = len(self.mistakes)
        for name in sorted(fields.keys() - set(_FIELDS)):
            self.mistakes.append(f"{place}: {name!r} is unknown{nearest(name, _FIELDS)}")
        try:
            known = {key: one for key, one in fields.items() if key in _FIELDS}
            part = msgspec.convert(known, CellPart)
        except msgspec.ValidationError as error:
            self.mistakes.append(f"{place}: {error}")
            return None
        for name, words in self._words.items():
            held = getattr(part, name)
            for word in (held,) if isinstance(held, str) else held or ():
                if word not in words:
                    self.mistakes.append(
                        f"{place}: {name} {word!r} is unknown{nearest(word, words)}"
                    )
        return part if len(self.mistakes) == before else None

    def _cell(
        self, at: str, parts: tuple[CellPart, ...], sheet: str, place: str
    ) -> FormCell | None:
        """Return a cell; of a grid it has the fields of its row and of its column."""
        where = place if place.endswith(at) else f"{place}, {at}"
        said: dict[str, Any] = {}
        for part in parts:
            for name in _FIELDS:
                value = getattr(part, name)
                if value is None:
                    continue
                if said.setdefault(name, value) != value:
                    self.mistakes.append(
                        f"{where}: {name} is {said[name]!r} in the row and {value!r} in the "
                        "column, expected it in one of them"
                    )
                    return None
        if fault := _fault(said):
            self.mistakes.append(f"{where}: {fault}")
            return None
        other = self._seen.setdefault((sheet, at), where)
        if other != where:
            self.mistakes.append(f"{where}: {other} names this cell, too; expected it once")
            return None
        size = said.get("size", ())
        return FormCell(
            sheet=sheet,
            at=at,
            figure=FormFigure(said["figure"]),
            span=CellSpan(said.get("span", CellSpan.MONTH)),
            moves=ClassFilter(
                move=said.get("move", ""),
                fill=said.get("fill", ""),
                kind=said.get("kind", ""),
                sizes=(size,) if isinstance(size, str) else size,
                terminal=said.get("terminal", ""),
            ),
            trade=said.get("trade", ""),
            per=Decimal(str(said.get("per", 1))),
            digits=said.get("digits"),
        )


def _fault(said: Mapping[str, Any]) -> str:
    """Return what is wrong with the fields of a cell; empty if nothing is."""
    if "figure" not in said:
        return f"figure is missing, expected one of {', '.join(FormFigure)}"
    figure = FormFigure(said["figure"])
    if figure not in _TAKES:
        more = sorted(said.keys() - {"figure"})
        return f"{figure} takes no {more[0]}, expected none" if more else ""
    fields, spans = _TAKES[figure]
    for name in sorted(said.keys() & (_CLASSES - fields)):
        known = f"expected at most {', '.join(sorted(fields))}" if fields else "expected none"
        return f"{figure} takes no {name}, {known}"
    if said.get("span", CellSpan.MONTH) not in spans:
        return f"{figure} takes no span {said['span']!r}, expected {' or '.join(spans)}"
    return ""
