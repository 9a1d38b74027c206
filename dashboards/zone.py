"""The zone's figures as PromQL, and its panels of ranked bars."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contract.book import Book
from contract.events import Label
from dashboards.layout import about
from dashboards.looks import bar, words
from dashboards.panels import table
from dashboards.promql import held, whole
from dashboards.shapes import Column, Head
from dashboards.tongue import Quantity, Tongue
from kpis.investment import INVESTMENT
from kpis.kpi import hourly, recorded


@dataclass(frozen=True)
class Zone:
    """The zone of the book, in one language."""

    book: Book
    say: Tongue

    def now(self, formula: Any, **labels: str) -> str:
        """A KPI as one number, over all years."""
        series = whole(INVESTMENT[formula]).where(zone=self.book.zone.code, **labels)
        return f"max({held(series)})"

    def course(self, formula: Any, **labels: str) -> str:
        """A KPI over all years, as a curve."""
        series = hourly(INVESTMENT[formula]).where(zone=self.book.zone.code, **labels)
        return f"sum({held(series)})"

    def each(self, label: str, formula: Any, **labels: str) -> str:
        """A KPI for each value of a label (or of several, between commas), over all years."""
        kpi = INVESTMENT[formula]
        labelled = set(label.split(", ")) <= set(whole(kpi).labels)
        known = whole(kpi) if labelled else recorded(kpi)
        return f"max by ({label}) ({held(known.where(zone=self.book.zone.code, **labels))})"

    def yearly(self, label: str, formula: Any, year: str) -> str:
        """A KPI for each value of a label, of the year alone that an expression gives."""
        series = held(recorded(INVESTMENT[formula]).where(zone=self.book.zone.code))
        picked = f'count_values("year", {year})'
        return f"max by ({label}) ({series} * on (year) group_left () {picked})"

    def about(self, chinese: str, *formulas: Any) -> str:
        """A panel's description."""
        return about(self.say, chinese, *(INVESTMENT[formula] for formula in formulas))


def ranked(
    head: Head, amounts: Quantity, label: str, names: Mapping[str, Label], say: Tongue
) -> Any:
    """Bars, the greatest first, as a table: names are never cut, and forty rows scroll."""
    shown = {"mappings": words({code: say.name(name) for code, name in names.items()})}
    look = bar(amounts.unit, amounts.decimals)
    columns = [
        Column(" ", shown | {"custom.minWidth": 105}, label=label),
        Column("Value", look, quantity=amounts),
    ]
    return table(head, columns, sort=("Value", True), header=False)
