"""The values of a statutory form's cells, worked by hand, and why a cell stays empty."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from contract.events import Fill, TargetSet
from contract.snapshots import Snapshot, TerminalDay
from kpis.past.all_owners import PastOfOwners
from reports.measuring.report_values import Owners, ReportMeasuring
from reports.period import Period, ReportKind
from reports.statutory.class_sums import class_sums
from reports.statutory.form_cell import CellSpan, ClassFilter, FormCell, FormFigure
from reports.statutory.form_values import (
    NO_TRADE,
    NO_WEIGHTS,
    CellValue,
    FormValues,
    UnknownCell,
    cell_spans,
)
from tests.unit.kpis.builders import BOOK, box, day
from tests.unit.reports.port_of_years import PLAN, days, two_years


def form(on: str, *said: Snapshot | TargetSet) -> FormValues:
    past = PastOfOwners(BOOK)
    for one in said:
        past.take(one)
    period = Period.of(ReportKind.MONTHLY, date.fromisoformat(on))
    values = ReportMeasuring(BOOK, past, period).values(Owners(BOOK.area[0], None))
    filling = past.port("tonghai")
    assert filling is not None
    assert values.port is not None
    sums = class_sums(filling, cell_spans(period).values())
    return FormValues(values.port, period, sums, "通海港区")


def value(of: FormValues, figure: str, span: str = "month", **more: object) -> CellValue:
    fields = {name: more.pop(name) for name in ("per", "digits", "trade") if name in more}
    moves = ClassFilter(**more)  # type: ignore[arg-type]  # the fields as a test writes them
    cell = FormCell("", "C6", FormFigure(figure), CellSpan(span), moves, **fields)  # type: ignore[arg-type]
    return of.value(cell)


@pytest.fixture(scope="module")
def october() -> FormValues:
    """31 days of 495 TEU: THE loads 100 20 ft boxes and discharges 100 40 ft ones; THW the same.

    THE has 330 TEU a day and THW 165, of which three quarters are loaded; last year 300 and 150.
    """
    return form("2026-10-31", *two_years(), PLAN)


@pytest.mark.parametrize(
    ("figure", "span", "more", "expected"),
    [
        ("boxes", "month", {}, 31 * 400),
        ("boxes", "month", {"move": "load"}, 31 * 200),
        ("boxes", "month", {"sizes": ("40",), "terminal": "THW"}, 31 * 100),
        ("teu", "month", {}, 31 * 495),
        ("teu", "month", {"move": "discharge"}, 31 * 123.75),
        ("teu", "month", {"sizes": ("20", "45")}, 31 * 371.25),
        ("teu", "month", {"fill": "empty"}, 0),
        ("teu", "month", {"kind": "transhipment"}, 0),
        ("teu", "month", {"terminal": "THE"}, 31 * 330),
        ("teu", "month-last-year", {}, 31 * 450),
        ("teu", "year-to-date", {}, 304 * 495),  # 1 January to 31 October are 304 days
        ("teu", "year-to-date-last-year", {}, 304 * 450),
        ("teu", "year-to-date", {"per": Decimal(10_000), "digits": 2}, 15.05),  # 15.048
        ("plan", "month", {}, 165_000 * 0.08),
        ("plan", "year-to-date", {}, 165_000 * 0.82),
        ("of-plan", "year-to-date", {"per": Decimal("0.01"), "digits": 1}, 111.2),  # 1.1122
        ("on-year", "month", {}, 0.1),
        ("on-year", "year-to-date", {"terminal": "THW"}, 0.1),
        ("on-month", "month", {"digits": 6}, 0),
    ],
)
def test_a_cell_has_the_figure_of_its_days_and_moves(
    october: FormValues, figure: str, span: str, more: dict[str, object], expected: float
) -> None:
    assert value(october, figure, span, **more) == pytest.approx(expected)


def test_half_a_teu_is_rounded_up() -> None:
    """30 days of 495 and one of 2.5 TEU are 14,852.5: 14,853, where rounding to even is 14,852."""
    held = form("2026-10-31", *two_years("2026-10-30"), day("2026-10-31", box(1, 2.5), hour=23))

    assert value(held, "teu") == 14_852.5
    assert value(held, "teu", digits=0) == 14_853


def test_texts_and_dates_are_those_of_the_month(october: FormValues) -> None:
    assert value(october, "owner") == "通海港区"
    assert value(october, "month") == date(2026, 10, 1)
    assert value(october, "last-day") == date(2026, 10, 31)


def test_restows_count_nothing_and_unknown_sizes_count_as_boxes_and_are_told() -> None:
    """A day of a laden 40 ft box, two of unknown size, a restow, and a box of unknown fill."""
    of_day = (
        box(1, 2.0, size="40"),
        box(2, 0.0, size="unknown"),
        box(5, 0.0, kind="restow"),
        box(1, 1.0, fill=None, move="DISC"),
    )
    held = [*two_years("2026-09-30"), *_october(*of_day)]

    found = form("2026-10-31", *held, PLAN)

    assert value(found, "boxes") == 31 * 4
    assert value(found, "boxes", sizes=("unknown",)) == 31 * 2
    assert value(found, "teu") == 31 * 3
    assert value(found, "teu", fill="laden") == 31 * 2
    assert found.remarks() == (
        "62 containers of the month have no known size, and so no TEU",
        "31 containers of the month are neither laden nor empty in the books",
    )


def _october(*classes: object) -> Iterator[TerminalDay]:
    for on in range(1, 32):
        yield day(f"2026-10-{on:02}", *classes, hour=23)  # type: ignore[arg-type]


def test_a_month_whose_parts_add_up_needs_no_remark(october: FormValues) -> None:
    assert october.remarks() == ()


def test_weights_and_trade_are_never_guessed(october: FormValues) -> None:
    assert value(october, "tonnes") == NO_WEIGHTS
    assert value(october, "teu", trade="feeder") == NO_TRADE
    assert value(october, "boxes", trade="international") == NO_TRADE


def test_january_begins_with_nothing_and_december_ends_with_the_whole_year() -> None:
    """January: 31 days of 495 against 31 of 450; December 2025: 31 days, and 365 of 450."""
    january = form("2026-01-31", *two_years("2026-01-31"), PLAN)
    assert value(january, "teu") == value(january, "teu", "year-to-date") == 31 * 495
    assert value(january, "teu", "month-last-year") == 31 * 450

    december = form("2025-12-31", *days("2024-01-01", "2024-12-31"), *two_years("2025-12-31"))
    assert value(december, "teu") == 31 * 450
    assert value(december, "teu", "year-to-date") == 365 * 450
    assert value(december, "teu", "year-to-date-last-year") == 366 * 495


def test_february_of_last_year_is_whole_where_it_has_29_days() -> None:
    """February 2025 against all 29 days of February 2024."""
    held = form("2025-02-28", *days("2024-01-01", "2025-02-28"))

    assert value(held, "teu", "month-last-year") == 29 * 495
    assert value(held, "teu", "year-to-date-last-year") == (31 + 29) * 495


def test_what_the_books_do_not_hold_is_empty_with_its_reason() -> None:
    held = form("2026-10-31", *days("2026-03-04", "2026-10-31"))

    begin = UnknownCell("the books begin on 2026-03-04")
    assert value(held, "teu") == 31 * 495
    assert value(held, "teu", "year-to-date") == begin
    assert value(held, "boxes", "month-last-year") == begin
    assert value(held, "on-year") == begin
    assert value(held, "plan") == UnknownCell("no plan is set")
    assert value(held, "of-plan") == UnknownCell("no plan is set")


def test_a_month_that_lacks_a_week_has_no_figure() -> None:
    """From 8 to 14 October nothing: the seventh day without TEU is the 14th."""
    held = form("2026-10-31", *two_years("2026-10-07"), *days("2026-10-15", "2026-10-31"))

    assert value(held, "teu") == UnknownCell("the books lack a week up to 2026-10-14")


def test_laden_and_empty_are_apart() -> None:
    """A day with three laden 20 ft boxes and one empty 40 ft one."""
    of_day = (box(3, 3.0), box(1, 2.0, size="40", fill=Fill.EMPTY))
    held = form("2026-10-31", *two_years("2026-09-30"), *_october(*of_day))

    assert value(held, "teu", fill="laden") == 31 * 3
    assert value(held, "teu", fill="empty") == 31 * 2
    assert value(held, "boxes", fill="empty") == 31
