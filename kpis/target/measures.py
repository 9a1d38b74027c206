"""What a target may measure: a KPI of its owner's books, and which of the KPI's series."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from contract.book import Book
from contract.errors import Reason, Rejected
from contract.events import Stage, Target
from contract.move_class import MoveKind
from contract.period import is_one_year
from contract.target_file import nearest
from kpis.model.kpi import Family, Kpi, Unit
from kpis.port import handled
from kpis.port.handled import DIRECTIONS, MOVES
from kpis.port.throughput import LATEST, THROUGHPUT
from kpis.zone import investment
from kpis.zone.indicators import INDICATORS
from kpis.zone.investment import INVESTMENT
from kpis.zone.milestones import WINDOWS
from kpis.zone.portfolio import TIERS

MEASURABLE: tuple[Family[Any, Any], ...] = (THROUGHPUT, LATEST, INVESTMENT, INDICATORS)
OWNER_LABELS = ("port_area", "zone")
UNITS = {
    Unit.TEU: ("TEU",),
    Unit.MOVES: ("moves",),
    Unit.YUAN: ("yuan", "CNY"),
    Unit.PROJECTS: ("projects",),
    Unit.SECONDS: ("seconds",),
    Unit.RATIO: ("ratio",),
    Unit.COUNT: ("count",),
    Unit.CODE: ("code",),
    Unit.TIMESTAMP: ("Unix seconds",),
}
"""Unit -> the names that a target may use for it; an indicator has a unit of its own."""


class Measure(Struct, frozen=True):
    """A KPI and the family that measures it."""

    family: Family[Any, Any]
    kpi: Kpi[Any]

    @property
    def accumulates(self) -> bool:
        """Whether the figure starts each year from 0 and years add up."""
        return self.kpi.adds_up and "year" in self.kpi.labels

    @property
    def is_dated(self) -> bool:
        """Whether the books date each part of the figure, so that it has any period."""
        return self.kpi.of in (handled.ytd, investment.signed, investment.committed)


MEASURES: dict[str, Measure] = {
    str(kpi.series): Measure(family, kpi) for family in MEASURABLE for kpi in family.kpis
}
"""Series -> KPI and family."""


def measure_of(target: Target, book: Book) -> Measure:
    """Return what a target measures.

    Raises:
        Rejected: the KPI, owner, label, unit or plan does not exist or fit; `where` is the field.
    """
    measure = MEASURES.get(target.measures)
    if measure is None:
        raise _refused(
            Reason.UNKNOWN_CODE,
            "measures",
            f"{target.measures!r} is no KPI that a target can measure"
            + nearest(target.measures, MEASURES),
        )
    _refuse_owner(target, measure, book)
    _refuse_labels(target, measure, book)
    _refuse_unit(target, measure)
    _refuse_plan(target, measure)
    return measure


def unit_of(target: Target, measure: Measure) -> str:
    """Return the unit of a target's value; "" for an indicator if the target names no unit."""
    if measure.kpi.unit is Unit.LABELLED:
        return target.unit or target.labels.get("unit", "")
    return UNITS[measure.kpi.unit][0]


def _refuse_owner(target: Target, measure: Measure, book: Book) -> None:
    areas = [area.code for area in book.area]
    of_port = measure.family.level == "port"
    known = areas if of_port else [code for code in book.owners if code not in areas]
    if target.owner in known:
        return
    if target.owner in book.owners:
        kind = "a port area" if of_port else "a zone"
        why = f"{target.measures} is of {kind}, and {target.owner!r} is none"
    else:
        why = f"{target.owner!r} is no port area or zone of the book"
        known = list(book.owners)
    raise _refused(Reason.BAD_VALUE, "owner", why + nearest(target.owner, known))


def _refuse_labels(target: Target, measure: Measure, book: Book) -> None:
    kpi = measure.kpi
    free = [label for label in kpi.by if label != "year"]
    for label, value in target.labels.items():
        if label in (*OWNER_LABELS, "year"):
            whose = "period" if label == "year" else "owner"
            raise _label(f"{label} follows from the target's {whose}; remove it")
        if label not in free:
            raise _label(f"{target.measures} has no label {label!r}{nearest(label, free)}")
        known = _values(label, target.owner, book)
        if known and value not in known:
            raise _label(f"{value!r} is no {label}{nearest(value, known)}")
    needed = [
        label for label in free if label != "unit" and (not kpi.adds_up or label in kpi.nested)
    ]
    if missing := [label for label in needed if label not in target.labels]:
        raise _label(
            f"{target.measures} has a series for each {' and '.join(missing)}; name it in labels"
        )


def _refuse_unit(target: Target, measure: Measure) -> None:
    words = UNITS.get(measure.kpi.unit)
    if not target.unit or words is None:
        return
    if target.unit not in words:
        foreign = measure.kpi.unit is Unit.YUAN and target.unit.isupper() and len(target.unit) == 3
        raise _refused(
            Reason.UNKNOWN_CURRENCY if foreign else Reason.BAD_VALUE,
            "unit",
            f"{target.unit!r} is not what {target.measures} is counted in; "
            f"give the value in {words[0]}",
        )


def _refuse_plan(target: Target, measure: Measure) -> None:
    yearly = is_one_year(target.period)
    has_years = "year" in measure.kpi.labels
    if has_years and not measure.is_dated and not yearly:
        whole = len(target.period) == 9 and "-" not in target.period
        if not (whole and measure.accumulates):
            raise _refused(
                Reason.BAD_VALUE,
                "period",
                f"{target.measures} is known by the year, and the period is {target.period}; "
                "expected a year",
            )
    if not measure.accumulates and target.start is None and (target.monthly or target.steps):
        raise _refused(
            Reason.BAD_VALUE,
            "monthly" if target.monthly else "steps",
            f"{target.measures} is a level: give in start the value from which the plan leads to "
            f"{target.value}",
        )
    if target.direction == "at_least" and target.start is not None and target.start > target.value:
        raise _refused(
            Reason.BAD_VALUE,
            "start",
            f"start is {target.start} and value {target.value}; expected direction at_most",
        )


def _values(label: str, owner: str, book: Book) -> Iterable[str]:
    """Return the values that a label can have; nothing if it can have any."""
    closed: Mapping[str, Iterable[str]] = {
        "terminal": [code for code, area in book.area_of.items() if area == owner],
        "move": MOVES.values(),
        "direction": DIRECTIONS.values(),
        "kind": (MoveKind.NORMAL, MoveKind.TRANSHIPMENT),
        "fill": ("laden", "empty", "unknown"),
        "tier": TIERS,
        "stage": list(Stage),
        "window": WINDOWS,
    }
    if book.zone is not None:
        closed = {
            **closed,
            "cluster": book.zone.clusters,
            "functional_area": book.zone.functional_areas,
            "park": book.zone.parks,
        }
    return closed.get(label, ())


def _label(message: str) -> Rejected:
    return _refused(Reason.UNKNOWN_CODE, "labels", message)


def _refused(reason: Reason, field: str, message: str) -> Rejected:
    return Rejected(reason, message, where=f"$.data.{field}")
