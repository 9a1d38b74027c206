"""The values of a month's statutory form, from what the books hold now."""

from msgspec import Struct

from broker.connection import Connection
from contract.book import Area, Book
from contract.errors import Misconfigured, StackError
from contract.settings import Settings
from reports.measuring.report_values import Owners, ReportMeasuring
from reports.pages.report_builder import ReportBuilder
from reports.period import Period
from reports.statutory.class_sums import class_sums
from reports.statutory.form_values import FormValues, cell_spans
from reports.wholeness import is_whole
from stack.backfill.snapshot_reader import read_past
from stack.context import Say
from stack.processes.broker_session import running_broker


class MeasuredForm(Struct, frozen=True):
    """The values of a form, and why they are doubtful; empty if they are not."""

    values: FormValues
    warning: str


def form_area(book: Book, code: str | None) -> Area:
    """Return the port area of a form: the named one, or the first.

    Raises:
        Misconfigured: the book has no such area, or none at all.
    """
    areas = {area.code: area for area in book.area}
    if not areas:
        raise Misconfigured("the port's book has no [[area]]: a form is of a port area's moves")
    if code is not None and code not in areas:
        raise Misconfigured(f"--owner {code}: no port area, expected one of {', '.join(areas)}")
    return areas[code] if code else book.area[0]


def measured_form(
    settings: Settings, book: Book, area: Area, period: Period, run: str, say: Say
) -> MeasuredForm:
    """Return the values of a month's form.

    Raises:
        StackError: there is no broker, or the books hold no move of the area up to the month.
    """
    with running_broker(settings, say):
        past = read_past(Connection.of(settings), book, run)
    values = ReportMeasuring(book, past, period).values(Owners(area, None))
    filling = past.port(area.code)
    if filling is None or values.port is None or values.port.begin is None:
        raise StackError(
            f"the books hold no move of {area.code} up to {period.last}: `quaymark up` or "
            "`quaymark import` fills them"
        )
    sums = class_sums(filling, cell_spans(period).values())
    warning = ""
    if not is_whole(values.port, period):
        warning = ReportBuilder(values, "en").report().warning
    return MeasuredForm(FormValues(values.port, period, sums, area.name.zh), warning)
