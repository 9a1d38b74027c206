"""The value of each cell of a statutory form, or why the books do not know it."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

from reports import compare
from reports.language.language import LANGUAGES
from reports.period import Period, Span, month_end, year_before, year_to
from reports.reason import AbsenceReason, Why
from reports.statutory.class_sums import ClassSums
from reports.statutory.form_cell import CellSpan, ClassFilter, FormCell, FormFigure
from reports.values import PortValues


class UnknownCell(Struct, frozen=True):
    """Why a cell stays empty."""

    why: str


CellValue = float | str | date | UnknownCell
NO_WEIGHTS = UnknownCell("the books hold no weights of containers")
NO_TRADE = UnknownCell("the books hold no trade of moves (international, feeder, domestic)")


class FormValues:
    """The values of the cells of one month's form."""

    def __init__(
        self, port: PortValues, period: Period, sums: Mapping[Span, ClassSums], owner: str
    ) -> None:
        self._port, self._period, self._sums, self._owner = port, period, sums, owner
        self._spans = cell_spans(period)

    def value(self, cell: FormCell) -> CellValue:
        """Return what a cell holds."""
        match cell.figure:
            case FormFigure.OWNER:
                return self._owner
            case FormFigure.MONTH:
                return self._period.span.first
            case FormFigure.LAST_DAY:
                return self._period.last
            case FormFigure.TONNES:
                return NO_WEIGHTS
        if cell.trade:
            return NO_TRADE
        found = self._number(cell)
        if isinstance(found, AbsenceReason):
            return UnknownCell(LANGUAGES["en"].reason(found))
        return _rounded(found, cell)

    def remarks(self) -> tuple[str, ...]:
        """Return for which reason the parts of a month may not add up to its sums."""
        month = self._sums[self._period.span]
        unsized = month.boxes(ClassFilter(sizes=("unknown",)))
        found = []
        if unsized:
            found.append(f"{unsized:,} containers of the month have no known size, and so no TEU")
        if filled := month.without_fill():
            found.append(
                f"{filled:,} containers of the month are neither laden nor empty in the books"
            )
        return tuple(found)

    def _number(self, cell: FormCell) -> Decimal | AbsenceReason:
        port, span = self._port, self._spans[cell.span]
        match cell.figure:
            case FormFigure.PLAN | FormFigure.OF_PLAN:
                return self._of_plan(cell, span)
            case FormFigure.ON_YEAR:
                return _decimal(compare.on_year(port, span, cell.moves.terminal))
            case FormFigure.ON_MONTH:
                return _decimal(compare.on_period_before(port, span, cell.moves.terminal))
        if reason := compare.gap(port, span):
            return reason
        sums = self._sums[span]
        if cell.figure is FormFigure.BOXES:
            return Decimal(sums.boxes(cell.moves))
        return Decimal(sums.hundredths(cell.moves)) / 100

    def _of_plan(self, cell: FormCell, span: Span) -> Decimal | AbsenceReason:
        planned = self._port.plan(span)
        if planned is None:
            return AbsenceReason(Why.NO_PLAN)
        if cell.figure is FormFigure.PLAN:
            return _decimal(planned)
        if reason := compare.gap(self._port, span):
            return reason
        return _decimal(self._port.teu(span) / planned if planned else AbsenceReason(Why.WAS_ZERO))


def cell_spans(period: Period) -> dict[CellSpan, Span]:
    """Return the days of each span of a month's form; last year's months are whole."""
    month, year = period.span, year_to(period.last)
    before = year_before(month)
    whole = Span(before.first, month_end(before.first))
    return {
        CellSpan.MONTH: month,
        CellSpan.YEAR: year,
        CellSpan.MONTH_BEFORE: whole,
        CellSpan.YEAR_BEFORE: year_to(whole.last),
    }


def _decimal(value: float | AbsenceReason) -> Decimal | AbsenceReason:
    return value if isinstance(value, AbsenceReason) else Decimal(repr(value))


def _rounded(value: Decimal, cell: FormCell) -> float:
    found = value / cell.per
    if cell.digits is not None:
        found = found.quantize(Decimal(1).scaleb(-cell.digits), ROUND_HALF_UP)
    return float(found)
