"""A KPI is a formula and one line that declares it; names, labels and help follow from both."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Generic, NamedTuple, TypeVar

Labels = tuple[str, ...]
"""Label names, or label values in the same order."""
Figure = float | Mapping[Labels, float] | None
"""The result of a formula: a number, one for each tuple of its own label values, or None."""

B = TypeVar("B")
P = TypeVar("P")


class Unit(StrEnum):
    """The unit of a KPI; its value is the end of the series' name."""

    TEU = "teu"
    MOVES = "moves"
    YUAN = "yuan"
    PROJECTS = "projects"
    SECONDS = "seconds"
    RATIO = "ratio"
    CODE = "code"
    TIMESTAMP = "timestamp_seconds"
    VALUE = "value"
    """The unit of the figure that a target measures."""
    COUNT = "count"
    """A number of what the name says; it adds nothing to the name."""
    LABELLED = "labelled"
    """The unit is in the label `unit`; it adds nothing to the name."""

    @property
    def suffix(self) -> str:
        """The end that it adds to the name of a series."""
        return "" if self in (Unit.COUNT, Unit.LABELLED) else f"_{self}"


class View(StrEnum):
    """How a board shows a KPI."""

    FIGURE = "figure"
    """One number, large."""
    WORD = "word"
    """A code, shown as a word."""
    SERIES = "series"
    """A line over time."""
    BARS = "bars"
    """Ranked bars."""
    TABLE = "table"
    PART = "part"
    """No panel of its own; other panels compute with it."""


class Series(str):
    """The name of a series with its label names, so that a selector can refuse a wrong label."""

    labels: Labels

    def __new__(cls, name: str, labels: Labels) -> "Series":
        """Create a name with its label names."""
        series = super().__new__(cls, name)
        series.labels = labels
        return series

    def where(self, **values: str) -> str:
        """Return a PromQL selector; a value that begins with `~` is a regular expression.

        Raises:
            ValueError: the series has no such label.
        """
        if wrong := sorted(values.keys() - set(self.labels)):
            raise ValueError(
                f"{self} has no label {', '.join(wrong)}; it has {', '.join(self.labels)}"
            )
        matchers = ",".join(
            f'{name}=~"{value[1:]}"' if value.startswith("~") else f'{name}="{value}"'
            for name, value in values.items()
        )
        return f"{self}{{{matchers}}}" if matchers else str(self)


@dataclass(frozen=True)
class Kpi(Generic[P]):
    """The declaration of a KPI: one line of its family.

    `by` are the labels of the formula itself, which follow those of its family.
    `adds_up` claims f(a + b) == f(a) + f(b) for any two parts of the books; `nested` names labels
    whose values contain one another (tiers, windows), which are therefore never summed away.
    """

    name: str
    of: Callable[[P, datetime], Figure]
    unit: Unit
    view: View
    by: Labels = ()
    adds_up: bool = False
    nested: Labels = ()
    family: str = ""
    level: str = ""
    shared: Labels = ()
    """The labels of its family; the family fills them in, like `family` and `level`."""

    @cached_property
    def labels(self) -> Labels:
        """All label names: the family's, then its own."""
        return self.shared + self.by

    @cached_property
    def series(self) -> Series:
        """The series that the worker exports."""
        return Series(f"{self.family}_{self.name}{self.unit.suffix}", self.labels)

    @property
    def help(self) -> str:
        """The first line of the formula's docstring."""
        return (self.of.__doc__ or "").strip().partition("\n")[0]

    @property
    def formula(self) -> str:
        """The formula's docstring after its first line, without the indent."""
        rest = (self.of.__doc__ or "").strip().partition("\n")[2]
        return "\n".join(line.strip() for line in rest.splitlines()).strip()

    def reading(self, labels: Labels, value: float) -> "Reading":
        """Return a reading of this KPI.

        Raises:
            ValueError: more or fewer label values than the KPI has labels.
        """
        if len(labels) != len(self.labels):
            raise ValueError(f"{self.series}: labels {labels} given, expected {self.labels}")
        return Reading(self, labels, float(value))


class Reading(NamedTuple):
    """A KPI's value at one tuple of label values."""

    kpi: Kpi[P]  # type: ignore[valid-type]  # a reading of any kind of books
    labels: Labels
    value: float

    @property
    def labelled(self) -> dict[str, str]:
        """Label name -> value."""
        return dict(zip(self.kpi.labels, self.labels, strict=True))


@dataclass(frozen=True)
class Family(Generic[B, P]):
    """KPIs with a common prefix, measured on each part of one owner's books.

    `parts` splits the books at an instant into (values of the labels `by`, part).  `source` names
    the events that the numbers come from.
    """

    name: str
    level: str
    by: Labels
    parts: Callable[[B, datetime], Iterable[tuple[Labels, P]]]
    source: str
    kpis: tuple[Kpi[P], ...]

    def __post_init__(self) -> None:
        bound = tuple(
            replace(kpi, family=self.name, level=self.level, shared=self.by) for kpi in self.kpis
        )
        object.__setattr__(self, "kpis", bound)  # frozen from here on

    def __getitem__(self, formula: Callable[[P, datetime], Figure]) -> Kpi[P]:
        """Return the KPI of a formula: `THROUGHPUT[pace]`."""
        for kpi in self.kpis:
            if kpi.of is formula:
                return kpi
        raise KeyError(f"{self.name} has no KPI of {formula}")


def measure(family: Family[B, P], books: B, at: datetime) -> Iterator[Reading]:
    """Iterate over the readings of a family on one owner's books at an instant."""
    for shared, part in family.parts(books, at):
        for kpi in family.kpis:
            figure = kpi.of(part, at)
            if figure is None:
                continue
            if isinstance(figure, Mapping):
                for own, value in figure.items():
                    yield kpi.reading(shared + own, value)
            else:
                yield kpi.reading(shared, figure)


def recorded(kpi: Kpi[P]) -> Series:
    """Return the recorded series of a KPI, such as `port:port_throughput_pace_ratio:max`.

    It has no label of a worker.  Two workers export a series while its partition moves from one
    to the other, so the rule takes the greater value.
    """
    level = "terminal" if "terminal" in kpi.labels else kpi.level
    return Series(f"{level}:{kpi.series}:max", kpi.labels)


def hourly(kpi: Kpi[P]) -> Series:
    """Return the recorded series that is thinned to a sample an hour and one for each change.

    Queries over a year use it: with a sample every 15 seconds a year is 2 million samples a
    series, and a query that holds the newest value until 31 December would read all of them.
    """
    level = recorded(kpi).partition(":")[0]
    return Series(f"{level}:{kpi.series}:hourly", kpi.labels)


def total(kpi: Kpi[P]) -> Series | None:
    """Return the recorded sum of a KPI over the labels that may go; None if there is none."""
    over = summed_over(kpi)
    kept = tuple(label for label in kpi.labels if label not in over)
    return Series(f"{kpi.level}:{kpi.series}:sum", kept) if over else None


def summed_over(kpi: Kpi[P]) -> Labels:
    """Return the labels that `total` sums away."""
    return tuple(label for label in kpi.by if label not in kpi.nested) if kpi.adds_up else ()
