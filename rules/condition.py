"""The condition of an alert on KPIs, declared once: as PromQL for Prometheus, judged over history.

Prometheus evaluates no rule over history that is loaded into it.  So a condition is a value that
renders itself as PromQL (`promql`) and judges the readings of one day (`holds`).  A figure without
a value makes every comparison false, as a missing sample does in PromQL.  promtool holds the two
together in tests/unit/rules/test_condition.py.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kpis.model.kpi import Kpi, Labels, hourly, recorded

Readings = Mapping[tuple[str, Labels], float]
"""(exported series, values of the KPI's own labels) -> value, for one target or milestone."""


@dataclass(frozen=True)
class Figure:
    """A KPI's value; `own` picks one of several series, and `per` divides it."""

    kpi: Kpi[Any]
    own: tuple[tuple[str, str], ...] = ()
    """(label, value) of each of the KPI's own labels, in their order."""
    per: int = 1

    @property
    def promql(self) -> str:
        """The recorded series, without the labels that only pick it."""
        series = str(recorded(self.kpi))
        if self.own:
            labels = ", ".join(name for name, _ in self.own)
            series = f"max without ({labels}) ({recorded(self.kpi).where(**dict(self.own))})"
        return series if self.per == 1 else f"{series} / {self.per}"

    def value(self, readings: Readings) -> float | None:
        """Return its value among the readings; None if it has none."""
        found = readings.get((str(self.kpi.series), tuple(value for _, value in self.own)))
        return None if found is None else found / self.per


@dataclass(frozen=True)
class Distance:
    """How far apart two figures are."""

    one: Figure
    other: Figure

    @property
    def promql(self) -> str:
        """The absolute difference."""
        return f"abs({self.one.promql} - {self.other.promql})"

    def value(self, readings: Readings) -> float | None:
        """Return the absolute difference; None if one figure has no value."""
        one, other = self.one.value(readings), self.other.value(readings)
        return None if one is None or other is None else abs(one - other)


class Condition(ABC):
    """When an alert is active; the value of the first part is the value that the alert shows."""

    @property
    @abstractmethod
    def promql(self) -> str:
        """The condition as a PromQL expression."""

    @abstractmethod
    def holds(self, readings: Readings) -> bool:
        """Does it hold for one target or milestone with these readings?"""

    def joined(self, operator: str) -> str:
        """Return it as the right-hand side of `and` or `unless`."""
        return f" {operator} {self.promql}"


@dataclass(frozen=True)
class Present(Condition):
    """A figure has a value."""

    figure: Figure | Distance

    @property
    def promql(self) -> str:
        """The figure itself."""
        return self.figure.promql

    def holds(self, readings: Readings) -> bool:
        """Does the figure have a value?"""
        return self.figure.value(readings) is not None


@dataclass(frozen=True)
class Compare(Condition):
    """A figure is less than, greater than or equal to another, or to a number."""

    left: Figure
    operator: Literal["<", ">", "=="]
    right: Figure | int

    @property
    def promql(self) -> str:
        """The comparison."""
        right = self.right.promql if isinstance(self.right, Figure) else self.right
        return f"{self.left.promql} {self.operator} {right}"

    def holds(self, readings: Readings) -> bool:
        """Do both sides have a value, and compare so?"""
        left = self.left.value(readings)
        right = self.right.value(readings) if isinstance(self.right, Figure) else self.right
        if left is None or right is None:
            return False
        match self.operator:
            case "<":
                return left < right
            case ">":
                return left > right
            case "==":
                return left == right


@dataclass(frozen=True)
class HasLabel(Condition):
    """A KPI has a series with a value of one of its own labels; `subject` matches the series."""

    kpi: Kpi[Any]
    label: str
    value: str
    subject: Labels

    @property
    def promql(self) -> str:
        """The selector of that series."""
        return recorded(self.kpi).where(**{self.label: self.value})

    def holds(self, readings: Readings) -> bool:
        """Is there such a series among the readings?"""
        index = self.kpi.by.index(self.label)
        return any(
            series == self.kpi.series and own[index] == self.value for series, own in readings
        )

    def joined(self, operator: str) -> str:
        """Match by the labels of what is judged, since the series has more labels."""
        return f" {operator} on ({', '.join((*self.subject, 'run'))}) {self.promql}"


@dataclass(frozen=True)
class Recently(Condition):
    """A figure was below a value within the duration (`7d`) before now.

    History shows a target for a day after its end only, so there it always holds.
    """

    kpi: Kpi[Any]
    below: int
    within: str

    @property
    def promql(self) -> str:
        """Asked of the thinned series: a week of samples every 15 seconds would be 40,000."""
        return f"min_over_time({hourly(self.kpi)}[{self.within}]) < {self.below}"

    def holds(self, readings: Readings) -> bool:
        """It does."""
        return True


@dataclass(frozen=True)
class Every(Condition):
    """All conditions hold, and none of `unless` does; the first one gives the alert's value."""

    conditions: tuple[Condition, ...]
    unless: tuple[Condition, ...] = ()

    @property
    def promql(self) -> str:
        """The first condition, and the others behind it."""
        first, *others = self.conditions
        return "".join(
            (
                first.promql,
                *(condition.joined("and") for condition in others),
                *(condition.joined("unless") for condition in self.unless),
            )
        )

    def holds(self, readings: Readings) -> bool:
        """Do all hold, and none of `unless`?"""
        return all(condition.holds(readings) for condition in self.conditions) and not any(
            condition.holds(readings) for condition in self.unless
        )


@dataclass(frozen=True)
class AnyOf(Condition):
    """At least one condition holds."""

    conditions: tuple[Condition, ...]

    @property
    def promql(self) -> str:
        """The conditions, each in brackets."""
        return " or ".join(f"({condition.promql})" for condition in self.conditions)

    def holds(self, readings: Readings) -> bool:
        """Does one of them hold?"""
        return any(condition.holds(readings) for condition in self.conditions)

    def joined(self, operator: str) -> str:
        """Put brackets around it: `or` binds less than `and`."""
        return f" {operator} ({self.promql})"
