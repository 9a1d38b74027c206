"""The filling of a template: values go into cells, and all else of the workbook stays."""

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from msgspec import Struct
from openpyxl import load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.styles import PatternFill
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from contract.errors import StackError
from contract.target_file import nearest
from reports.statutory.form_cell import FormCell
from reports.statutory.form_values import CellValue, UnknownCell

YELLOW = "00FFF4D6"
"""The ground of a cell that the books do not know, so that a person fills it in."""
OLE = b"\xd0\xcf\x11\xe0"
"""How old .xls files begin, and workbooks that a password locks."""
MOST_UNPACKED = 200 << 20
"""Bytes of a template's parts; a form has less than one MiB."""
_LOSABLE = {
    "xl/drawings/": "drawings",
    "xl/charts/": "charts",
    "xl/media/": "pictures",
    "xl/vbaProject": "macros",
    "xl/ctrlProps/": "controls",
    "xl/activeX/": "controls",
    "xl/embeddings/": "embedded objects",
    "xl/slicers/": "slicers",
}
"""Parts of a workbook that openpyxl does not write back, all or some of them."""


class FilledForm(Struct, frozen=True):
    """A template with its values."""

    content: bytes
    lost: tuple[str, ...]
    """What the template has and the filled form has not."""


def filled(
    template: bytes, path: str, values: Mapping[FormCell, CellValue], made: date
) -> FilledForm:
    """Return the template of `path` with values in its cells; the same input, the same bytes.

    Raises:
        StackError: it is no workbook, or cells can't take their values; a line names each.
    """
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        book = _opened(template, path)
        faults = [f"{path}: {fault}" for fault in _written(book, values)]
        if faults:
            raise StackError("\n".join(faults))
        content = _saved(book, made)
    lost = [*_lost(template, content), *(f"{one.message}" for one in told)]
    return FilledForm(content, tuple(dict.fromkeys(lost)))


def _opened(template: bytes, path: str) -> Workbook:
    if template.startswith(OLE):
        raise StackError(
            f"{path}: locked with a password, or an old .xls; open it in Excel or LibreOffice "
            "and save it as .xlsx without a password"
        )
    try:
        with ZipFile(BytesIO(template)) as parts:
            if sum(one.file_size for one in parts.infolist()) > MOST_UNPACKED:
                limit = MOST_UNPACKED >> 20
                raise StackError(f"{path}: has more than {limit} MiB unpacked, expected a form")
        return load_workbook(BytesIO(template))
    except StackError:
        raise
    except BadZipFile:
        raise StackError(f"{path}: no .xlsx file, expected the form's template") from None
    except Exception as error:  # openpyxl raises whatever the damage makes it meet
        raise StackError(
            f"{path}: can't be read as a workbook ({type(error).__name__}: {error}); open it in "
            "Excel or LibreOffice and save it again as .xlsx"
        ) from None


def _written(book: Workbook, values: Mapping[FormCell, CellValue]) -> Iterator[str]:
    """Write all values; iterate over what is wrong."""
    for cell, value in values.items():
        sheet = _sheet(book, cell)
        if isinstance(sheet, str):
            yield f"{cell.place}: {sheet}"
            continue
        held = sheet[cell.at]
        if fault := _fault(sheet, held, value):
            yield f"{cell.place}: {fault}"
        elif isinstance(held, Cell):
            _write(held, value)


def _sheet(book: Workbook, cell: FormCell) -> Worksheet | str:
    """The sheet of a cell, or what is wrong with its name."""
    names = [one.title for one in book.worksheets]
    if not cell.sheet:
        if len(names) == 1:
            return book.worksheets[0]
        return f"the mapping names no sheet, the template has {', '.join(names)}"
    if cell.sheet not in names:
        return f"the template has no sheet {cell.sheet!r}{nearest(cell.sheet, names)}"
    return book.worksheets[names.index(cell.sheet)]


def _fault(sheet: Worksheet, held: object, value: CellValue) -> str:
    """Why a cell can't take a value; empty if it can."""
    if isinstance(held, MergedCell):
        first = next(
            str(span.coord) for span in sheet.merged_cells.ranges if held.coordinate in span
        )
        return f"lies inside the merged cells {first}; map {first.split(':')[0]} instead"
    if not isinstance(held, Cell):
        return "is no cell"
    if held.data_type == "f":
        return (
            f"holds the formula {held.value}; leave it out of the mapping, Excel computes it, or "
            "empty it in the template"
        )
    if sheet.protection.sheet and held.protection.locked:
        return (
            "is locked in a protected sheet; map a cell that may be filled in, or lift the "
            "sheet's protection in the template"
        )
    if isinstance(held.value, str) and held.value.strip() and not isinstance(value, str):
        return (
            f"holds the text {held.value.strip()[:40]!r}; map the cell beside it, or empty it in "
            "the template"
        )
    return ""


def _write(held: Cell, value: CellValue) -> None:
    if isinstance(value, UnknownCell):
        held.value = None
        held.fill = PatternFill("solid", fgColor=YELLOW)
        return
    if held.fill.fill_type == "solid" and held.fill.fgColor.rgb == YELLOW:
        held.fill = PatternFill()
    keeps = held.number_format
    held.value = value
    if isinstance(value, str):
        held.data_type = "s"  # a name that begins with = is no formula
    if keeps != "General" or not isinstance(value, date):
        held.number_format = keeps


def _saved(book: Workbook, made: date) -> bytes:
    """The workbook's bytes, which bear no clock; Excel computes its formulas when it opens it."""
    book.properties.modified = datetime(made.year, made.month, made.day)  # noqa: DTZ001  # Excel has no zones
    if book.calculation is not None:
        book.calculation.fullCalcOnLoad = True
    written, packed = BytesIO(), BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as parts:
        ExcelWriter(book, parts).save()
    with ZipFile(written) as parts, ZipFile(packed, "w", ZIP_DEFLATED) as out:
        for name in parts.namelist():
            out.writestr(ZipInfo(name), parts.read(name), ZIP_DEFLATED)
    return packed.getvalue()


def _lost(template: bytes, content: bytes) -> Iterator[str]:
    """Iterate over the kinds of parts of which the filled form has fewer."""
    before, after = _kinds(template), _kinds(content)
    yield from (kind for kind in before if after[kind] < before[kind])


def _kinds(content: bytes) -> Counter[str]:
    with ZipFile(BytesIO(content)) as parts:
        return Counter(_kinds_of(parts.namelist()))


def _kinds_of(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if not name.endswith((".rels", "/")):
            yield from (kind for begin, kind in _LOSABLE.items() if name.startswith(begin))
