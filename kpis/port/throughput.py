"""The declarations of the port's KPIs: those of a year, and those of the newest day and hour."""

from collections.abc import Iterator
from datetime import datetime

from kpis.model.kpi import Family, Kpi, Labels, Unit, View
from kpis.port import growth, handled, pacing, working_hours
from kpis.port.books import PortBooks
from kpis.port.year import PortYear


def _years(books: PortBooks, at: datetime) -> Iterator[tuple[Labels, PortYear]]:
    """The current and every earlier year."""
    for port in books.years(at):
        yield (books.area, str(port.year)), port


def _whole(books: PortBooks, at: datetime) -> Iterator[tuple[Labels, PortBooks]]:
    """The books of the area, with all years."""
    yield (books.area,), books


_TERMINAL = ("terminal",)
_GATE = ("terminal", "direction")
_CLASS = ("terminal", "move", "fill", "size", "kind")
_MOVES = "ContainerMoved, MoveRetracted"

THROUGHPUT = Family(
    "port_throughput",
    level="port",
    by=("port_area", "year"),
    parts=_years,
    source=f"{_MOVES}, TargetSet",
    kpis=(
        Kpi("ytd", handled.ytd, Unit.TEU, View.FIGURE, by=_TERMINAL, adds_up=True),
        Kpi("ytd", handled.ytd_moves, Unit.MOVES, View.TABLE, by=_TERMINAL, adds_up=True),
        Kpi("ytd_class", handled.ytd_class, Unit.TEU, View.TABLE, by=_CLASS, adds_up=True),
        Kpi("unsized", handled.unsized, Unit.MOVES, View.TABLE, by=_TERMINAL, adds_up=True),
        Kpi("gate", handled.gate, Unit.MOVES, View.TABLE, by=_GATE, adds_up=True),
        Kpi("as_of", handled.as_of, Unit.TIMESTAMP, View.FIGURE),
        Kpi("ytd_on_year", growth.ytd_on_year, Unit.RATIO, View.FIGURE),
        Kpi("ytd_on_year", growth.ytd_on_year_code, Unit.CODE, View.WORD),
        Kpi("complete", growth.completeness, Unit.CODE, View.PART),
        Kpi("target", pacing.target, Unit.TEU, View.SERIES),
        Kpi("planned_to_date", pacing.planned_to_date, Unit.TEU, View.SERIES),
        Kpi("pace", pacing.pace, Unit.RATIO, View.FIGURE),
        Kpi("gap", pacing.gap, Unit.TEU, View.SERIES),
        Kpi("forecast", pacing.forecast, Unit.TEU, View.FIGURE),
        Kpi("forecast_bound", pacing.forecast_bound, Unit.TEU, View.PART, by=("level", "bound")),
        Kpi("shortfall", pacing.shortfall, Unit.TEU, View.FIGURE),
        Kpi("required_per_day", pacing.required_per_day, Unit.TEU, View.SERIES),
        Kpi("recent_per_day", pacing.recent_per_day, Unit.TEU, View.SERIES),
        Kpi("mark_reached", pacing.mark_reached, Unit.TIMESTAMP, View.FIGURE),
        Kpi("status", pacing.status, Unit.CODE, View.WORD),
        Kpi("plan_month", pacing.plan_month, Unit.TEU, View.PART, by=("month",)),
        Kpi("plan_month_start", pacing.plan_month_start, Unit.TIMESTAMP, View.PART, by=("month",)),
        Kpi("plan_month_end", pacing.plan_month_end, Unit.TIMESTAMP, View.PART, by=("month",)),
    ),
)

LATEST = Family(
    "port_throughput",
    level="port",
    by=("port_area",),
    parts=_whole,
    source=_MOVES,
    kpis=(
        Kpi("day", handled.day, Unit.TEU, View.SERIES, by=_TERMINAL, adds_up=True),
        Kpi("hour", handled.hour, Unit.TEU, View.SERIES, by=_TERMINAL, adds_up=True),
        Kpi(
            "month_to_date",
            growth.month_to_date,
            Unit.TEU,
            View.FIGURE,
            by=_TERMINAL,
            adds_up=True,
        ),
        Kpi("month_on_year", growth.month_on_year, Unit.RATIO, View.FIGURE),
        Kpi("month_on_year", growth.month_on_year_code, Unit.CODE, View.WORD),
        Kpi("month_on_month", growth.month_on_month, Unit.RATIO, View.FIGURE),
        Kpi("month_on_month", growth.month_on_month_code, Unit.CODE, View.WORD),
        Kpi("next_move_due", working_hours.next_move_due, Unit.TIMESTAMP, View.PART),
    ),
)
