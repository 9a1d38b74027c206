"""The zone's figures as PromQL, and its panels of ranked bars."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contract.book import Book
from contract.events import Label
from dashboards.grafana.language import Language
from dashboards.grafana.layout import about
from dashboards.grafana.specs import Column, GridPlace, PanelHead
from dashboards.grafana.table_panel import table
from dashboards.grafana.theme import bar, words
from dashboards.queries.promql import HOLD, held, pick, whole
from kpis.model.kpi import Series, Unit, hourly, recorded
from kpis.zone.investment import INVESTMENT


@dataclass(frozen=True)
class ZoneSeries:
    """The zone of the book, in one language."""

    book: Book
    say: Language

    def now(self, formula: Any, hold: str = "", **labels: str) -> str:
        """A KPI as one number, over all years; held for as long as is usual, or as is said."""
        series = pick(self._known(formula, *labels), zone=self.book.zone.code, **labels)
        return f"max({held(series, hold or HOLD)})"

    def course(self, formula: Any, **labels: str) -> str:
        """A KPI over all years, as a curve."""
        series = pick(hourly(INVESTMENT[formula]), zone=self.book.zone.code, **labels)
        return f"sum({held(series)})"

    def each(self, label: str, formula: Any, **labels: str) -> str:
        """A KPI for each value of a label (or of several, between commas), over all years."""
        known = self._known(formula, *label.split(", "), *labels)
        return f"max by ({label}) ({held(pick(known, zone=self.book.zone.code, **labels))})"

    def yearly(self, label: str, formula: Any, year: str) -> str:
        """A KPI for each value of a label, of the year alone that an expression gives."""
        series = held(pick(recorded(INVESTMENT[formula]), zone=self.book.zone.code))
        picked = f"count_values('year', {year})"
        return f"max by ({label}) ({series} * on (year) group_left () {picked})"

    def _known(self, formula: Any, *labels: str) -> Series:
        """The sum over all years, or where that lacks a label the series itself."""
        kpi = INVESTMENT[formula]
        return whole(kpi) if set(labels) <= set(whole(kpi).labels) else recorded(kpi)

    def about(self, *formulas: Any, note: str = "") -> str:
        """A panel's description."""
        return about(self.say, *(INVESTMENT[formula] for formula in formulas), note=note)


def ranked(
    zone: ZoneSeries,
    place: GridPlace,
    title: str,
    label: str,
    names: Mapping[str, Label],
    formula: Any,
) -> Any:
    """Bars, the greatest first, as a table: names are never cut, and forty rows scroll."""
    say, kpi = zone.say, INVESTMENT[formula]
    shown = {"mappings": words({code: say.name(name) for code, name in names.items()})}
    each = zone.each(label, formula)
    quantity = say.yuan(each) if kpi.unit is Unit.YUAN else say.count(each)
    columns = [
        Column(" ", shown | {"custom.minWidth": 105}, label=label),
        Column("Value", bar(quantity.unit, quantity.decimals), quantity=quantity),
    ]
    head = PanelHead(title, zone.about(formula), place)
    return table(head, columns, sort=("Value", True), header=False)
