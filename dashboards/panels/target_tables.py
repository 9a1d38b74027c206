"""The targets as tables: every one that runs, how it stands, and those that are over."""

from typing import Any

from dashboards.grafana.language import Quantity
from dashboards.grafana.layout import about
from dashboards.grafana.specs import Column, GridPlace, PanelHead, Rows
from dashboards.grafana.table_panel import table
from dashboards.grafana.theme import ACTUAL, Json, bar, by_steps, fixed, status_words, words
from dashboards.queries.target_series import ID, UNITS, TargetSeries
from kpis.target import target_book as aim
from kpis.target.target_book import TARGETS

PACES = {"min": 0.7, "max": 1.15}
"""The bar of a pace begins where it would be hopeless, so that 2 % can be seen."""


def every(aims: TargetSeries, place: GridPlace) -> Any:
    """Every target that runs, the worst first."""
    say, pace = aims.say, aims.say("Pace")
    columns = [
        _name(aims),
        _status(aims),
        Column(
            pace,
            bar("percentunit", 1) | PACES | {"custom.width": 130},
            quantity=Quantity(aims.by_id(aims.each(aim.pace))),
        ),
        *(
            Column(say(name), _NUMBER, quantity=Quantity(aims.by_id(f"({aims.scaled(of)})")))
            for name, of in (
                ("Gap", aim.gap),
                ("Value", aim.current),
                ("Plan to date", aim.planned_to_date),
                ("Forecast", aim.forecast),
            )
        ),
        _direction(),
        Column(say("Goal"), _NUMBER, quantity=Quantity(aims.by_id(f"({aims.scaled(aim.goal)})"))),
        _unit(aims),
        Column(
            say("Pace, 90 days"),
            _SPARK,
            quantity=Quantity(aims.by_id(f"({aims.course(aim.pace)})")),
            step="12h",
        ),
    ]
    shown = (aim.status, aim.pace, aim.gap, aim.current, aim.planned_to_date, aim.forecast)
    described = about(say, *(TARGETS[of] for of in (*shown, aim.goal)))
    head = PanelHead(
        say("Every target, worst first"), described, place, none=say("no target is set")
    )
    return table(head, columns, sort=(pace, False), rows=_rows(aims))


def past(aims: TargetSeries, place: GridPlace) -> Any:
    """Targets whose period is over: attained or missed."""
    say, period = aims.say, aims.say("Period")
    columns = [
        _name(aims),
        Column(period, {"custom.width": 100}, label="period"),
        _status(aims, over=True),
        *(
            Column(say(name), _NUMBER, quantity=Quantity(aims.by_id(f"({aims.scaled(of, True)})")))
            for name, of in (("Value", aim.current), ("Goal", aim.goal))
        ),
        _unit(aims),
    ]
    described = about(say, TARGETS[aim.status], TARGETS[aim.current], TARGETS[aim.goal])
    head = PanelHead(say("Periods that are over"), described, place, none=say("no period is over"))
    return table(head, columns, sort=(period, True), rows=_rows(aims, over=True))


def changes(aims: TargetSeries, place: GridPlace) -> Any:
    """When each target was set as it stands, the newest first."""
    say, when = aims.say, aims.say("Set on")
    reached = f"({aims.each(aim.attained)}) or ({aims.each(aim.expected)})"
    day = say.day(aims.by_id(aims.each(aim.changed)))
    columns = [
        _name(aims),
        Column.of(when, day, 110),
        Column.of(say("Reached"), say.day(aims.by_id(reached)), 110),
        *(
            Column(say(name), _NUMBER, quantity=Quantity(aims.by_id(f"({asked})")))
            for name, asked in (
                ("Goal", aims.scaled(aim.goal)),
                ("Need a day", aims.scaled(aim.required_per_day)),
                ("Short by", aims.scaled(aim.shortfall)),
                ("Behind, %", f"100 * ({aims.each(aim.warn)})"),
                ("Critical, %", f"100 * ({aims.each(aim.critical)})"),
            )
        ),
        _unit(aims),
    ]
    dates = (aim.changed, aim.attained, aim.expected)
    amounts = (aim.goal, aim.required_per_day, aim.shortfall, aim.warn, aim.critical)
    described = about(say, *(TARGETS[of] for of in (*dates, *amounts)))
    head = PanelHead(say("Targets as they stand, newest first"), described, place)
    return table(head, columns, sort=(when, True), rows=_rows(aims))


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


def _rows(aims: TargetSeries, over: bool = False) -> Rows:
    """One a target, with its name and unit."""
    info = f"({aims.info(over)})"
    return Rows(ID, aims.by_id(info, aims.name, "unit", "direction", "period"))


def _name(aims: TargetSeries) -> Column:
    return Column(aims.say("Target"), {"custom.minWidth": 240}, label=aims.name)


def _direction() -> Column:
    """At least, or at most."""
    signs = words({"at_least": "≥", "at_most": "≤"})
    return Column(
        " ", {"mappings": signs, "custom.width": 36, "custom.align": "right"}, label="direction"
    )


def _unit(aims: TargetSeries) -> Column:
    units = {unit: aims.say(message, "unit") for unit, message in UNITS.items()}
    return Column(aims.say("Unit"), {"mappings": words(units), "custom.width": 90}, label="unit")


def _status(aims: TargetSeries, over: bool = False) -> Column:
    look: Json = {
        "mappings": status_words(aims.say),
        "custom.cellOptions": {"type": "color-background", "mode": "basic"},
        "custom.align": "center",
        "custom.width": 100,
        "unit": "none",
        **by_steps("transparent"),  # the ground of a cell without a status
    }
    return Column(
        aims.say("Status"), look, quantity=Quantity(aims.by_id(aims.each(aim.status, over)))
    )
