"""The zone's figures as PromQL, and its panels of ranked bars."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contract.book import Book
from contract.events import Label
from dashboards.grafana.language import Language
from dashboards.grafana.layout import describe
from dashboards.grafana.specs import Column, GridPlace, PanelHead
from dashboards.grafana.table_panel import table
from dashboards.grafana.theme import WRAPPED, bar, words
from dashboards.queries.promql import HOLD, aggregate, held, select
from kpis.model.kpi import Series, Unit, hourly, recorded
from kpis.zone.investment import INVESTMENT


@dataclass(frozen=True)
class ZoneSeries:
    """The queries of the book's zone, in one language."""

    book: Book
    language: Language

    @property
    def _zone(self) -> str:
        return self.book.described_zone().code

    def now(self, formula: Any, hold: str = "", **labels: str) -> str:
        """A KPI of all years as one number, held for `hold`."""
        series = select(self._known(formula, *labels), zone=self._zone, **labels)
        return f"max({held(series, hold or HOLD)})"

    def over_time(self, formula: Any, **labels: str) -> str:
        """A KPI of all years, as a curve."""
        series = select(hourly(INVESTMENT[formula]), zone=self._zone, **labels)
        return f"sum({held(series)})"

    def each(self, label: str, formula: Any, **labels: str) -> str:
        """A KPI of all years for each value of a label, or of several between commas."""
        known = self._known(formula, *label.split(", "), *labels)
        return f"max by ({label}) ({held(select(known, zone=self._zone, **labels))})"

    def yearly(self, label: str, formula: Any, year: str) -> str:
        """A KPI of one year, which an expression gives, for each value of a label."""
        series = held(select(recorded(INVESTMENT[formula]), zone=self._zone))
        picked = f"count_values('year', {year})"
        return f"max by ({label}) ({series} * on (year) group_left () {picked})"

    def _known(self, formula: Any, *labels: str) -> Series:
        """Return the sum over all years, or the series itself where the sum lacks a label."""
        kpi = INVESTMENT[formula]
        return aggregate(kpi) if set(labels) <= set(aggregate(kpi).labels) else recorded(kpi)

    def describe(self, *formulas: Any, note: str = "") -> str:
        """Return a panel's description."""
        return describe(self.language, *(INVESTMENT[formula] for formula in formulas), note=note)


def ranked(
    zone: ZoneSeries,
    place: GridPlace,
    title: str,
    label: str,
    names: Mapping[str, Label],
    formula: Any,
) -> Any:
    """A table of bars, the greatest first; it never cuts a name, and it scrolls."""
    language, kpi = zone.language, INVESTMENT[formula]
    shown = {"mappings": words({code: language.name(name) for code, name in names.items()})}
    each = zone.each(label, formula)
    quantity = language.yuan(each) if kpi.unit is Unit.YUAN else language.count(each)
    columns = [
        Column(" ", shown | WRAPPED | {"custom.minWidth": 105}, label=label),
        Column("Value", bar(quantity.unit, quantity.decimals), quantity=quantity),
    ]
    head = PanelHead(title, zone.describe(formula), place)
    return table(head, columns, sort=("Value", True), header=False)
