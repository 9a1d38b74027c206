"""The targets as tables: the running ones, the ended ones, and when each was set."""

from typing import Any

from dashboards.grafana.language import Quantity
from dashboards.grafana.layout import describe
from dashboards.grafana.specs import Column, GridPlace, PanelHead, Rows
from dashboards.grafana.table_panel import table
from dashboards.grafana.theme import (
    ACTUAL,
    WRAPPED,
    Json,
    bar,
    by_steps,
    fixed,
    status_words,
    words,
)
from dashboards.queries.target_series import ID, UNITS, TargetSeries
from kpis.target import target_book
from kpis.target.target_book import TARGETS

PACES = {"min": 0.7, "max": 1.15}
"""The range of a pace's bar; it begins at 0.7, so that a difference of 2 % can be seen."""


def running_targets(series: TargetSeries, place: GridPlace) -> Any:
    """Every running target, the worst first."""
    language, pace = series.language, series.language.text("Pace")
    columns = [
        _name(series),
        _status(series),
        Column(
            pace,
            bar("percentunit", 1) | PACES | {"custom.width": 130},
            quantity=Quantity(series.by_id(series.each(target_book.pace))),
        ),
        *(
            Column(
                language.text(name),
                _NUMBER,
                quantity=Quantity(series.by_id(f"({series.scaled(of)})")),
            )
            for name, of in (
                ("Gap", target_book.gap),
                ("Value", target_book.current),
                ("Plan to date", target_book.planned_to_date),
                ("Forecast", target_book.forecast),
            )
        ),
        _direction(),
        Column(
            language.text("Goal"),
            _NUMBER,
            quantity=Quantity(series.by_id(f"({series.scaled(target_book.goal)})")),
        ),
        _unit(series),
        Column(
            language.text("Pace over time"),
            _SPARK,
            quantity=Quantity(series.by_id(f"({series.over_time(target_book.pace)})")),
            step="12h",
        ),
    ]
    shown = (
        target_book.status,
        target_book.pace,
        target_book.gap,
        target_book.current,
        target_book.planned_to_date,
        target_book.forecast,
    )
    described = describe(language, *(TARGETS[of] for of in (*shown, target_book.goal)))
    head = PanelHead(
        language.text("Every target, worst first"),
        described,
        place,
        no_value=language.text("no target is set"),
    )
    return table(head, columns, sort=(pace, False), rows=_rows(series))


def ended_targets(series: TargetSeries, place: GridPlace) -> Any:
    """Targets whose period is over, each attained or missed."""
    language, period = series.language, series.language.text("Period")
    columns = [
        _name(series),
        Column(period, {"custom.width": 100}, label="period"),
        _status(series, over=True),
        *(
            Column(
                language.text(name),
                _NUMBER,
                quantity=Quantity(series.by_id(f"({series.scaled(of, True)})")),
            )
            for name, of in (("Value", target_book.current), ("Goal", target_book.goal))
        ),
        _unit(series),
    ]
    described = describe(
        language,
        TARGETS[target_book.status],
        TARGETS[target_book.current],
        TARGETS[target_book.goal],
    )
    head = PanelHead(
        language.text("Periods that are over"),
        described,
        place,
        no_value=language.text("no period is over"),
    )
    return table(head, columns, sort=(period, True), rows=_rows(series, over=True))


def target_changes(series: TargetSeries, place: GridPlace) -> Any:
    """When the current version of each target was set, the newest first."""
    language, when = series.language, series.language.text("Set on")
    reached = f"({series.each(target_book.attained)}) or ({series.each(target_book.expected)})"
    day = language.day(series.by_id(series.each(target_book.changed)))
    columns = [
        _name(series),
        Column.of(when, day, 110),
        Column.of(language.text("Reached"), language.day(series.by_id(reached)), 110),
        *(
            Column(language.text(name), _NUMBER, quantity=Quantity(series.by_id(f"({asked})")))
            for name, asked in (
                ("Goal", series.scaled(target_book.goal)),
                ("Need a day", series.scaled(target_book.required_per_day)),
                ("Short by", series.scaled(target_book.shortfall)),
                ("Behind, %", f"100 * ({series.each(target_book.warn)})"),
                ("Critical, %", f"100 * ({series.each(target_book.critical)})"),
            )
        ),
        _unit(series),
    ]
    dates = (target_book.changed, target_book.attained, target_book.expected)
    amounts = (
        target_book.goal,
        target_book.required_per_day,
        target_book.shortfall,
        target_book.warn,
        target_book.critical,
    )
    described = describe(language, *(TARGETS[of] for of in (*dates, *amounts)))
    head = PanelHead(language.text("Targets as they stand, newest first"), described, place)
    return table(head, columns, sort=(when, True), rows=_rows(series))


_NUMBER: Json = {"unit": "locale", "custom.align": "right", "custom.width": 92}
_SPARK: Json = {
    "custom.cellOptions": {
        "type": "sparkline",
        "hideValue": True,
        "lineWidth": 2,
        "fillOpacity": 0,
        "gradientMode": "none",
    },
    "unit": "percentunit",
    "color": fixed(ACTUAL),
    "custom.minWidth": 120,
}


def _rows(series: TargetSeries, over: bool = False) -> Rows:
    """One row for each target, with its name and unit."""
    info = f"({series.info(over)})"
    return Rows(ID, series.by_id(info, series.name, "unit", "direction", "period"))


def _name(series: TargetSeries) -> Column:
    return Column(
        series.language.text("Target"), WRAPPED | {"custom.minWidth": 240}, label=series.name
    )


def _direction() -> Column:
    """The column of the sign for "at least" or "at most"."""
    signs = words({"at_least": "≥", "at_most": "≤"})
    return Column(
        " ", {"mappings": signs, "custom.width": 36, "custom.align": "right"}, label="direction"
    )


def _unit(series: TargetSeries) -> Column:
    units = {unit: series.language.text(message, "unit") for unit, message in UNITS.items()}
    return Column(
        series.language.text("Unit"), {"mappings": words(units), "custom.width": 90}, label="unit"
    )


def _status(series: TargetSeries, over: bool = False) -> Column:
    style: Json = {
        **({"noValue": series.language.text("no books", "growth")} if over else {}),
        "mappings": status_words(series.language.text),
        "custom.cellOptions": {"type": "color-background", "mode": "basic"},
        "custom.align": "center",
        "custom.width": 100,
        "unit": "none",
        **by_steps("transparent"),  # the ground of a cell without a status
    }
    return Column(
        series.language.text("Status"),
        style,
        quantity=Quantity(series.by_id(series.each(target_book.status, over))),
    )
