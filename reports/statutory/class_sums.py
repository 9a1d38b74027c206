"""Containers and TEU of some days by class of moves: differences of sums since 1 January."""

from collections.abc import Iterable, Mapping
from datetime import date

from msgspec import Struct

from contract.move_class import has_throughput
from kpis.past.port_past import PortFilling
from kpis.port.handled import MOVES
from kpis.port.year import YearClass
from reports.period import Span
from reports.statutory.form_cell import ClassFilter


class ClassSums(Struct, frozen=True):
    """The moves over the quay in some days, restows left out."""

    classes: Mapping[YearClass, tuple[int, int]]
    """Class -> containers, and hundredths of a TEU."""

    def boxes(self, wanted: ClassFilter) -> int:
        """Return the containers of some classes, those of unknown size included."""
        return sum(boxes for one, (boxes, _) in self.classes.items() if _is_in(one, wanted))

    def hundredths(self, wanted: ClassFilter) -> int:
        """Return the hundredths of a TEU of some classes."""
        return sum(teu for one, (_, teu) in self.classes.items() if _is_in(one, wanted))

    def without_fill(self) -> int:
        """Return the containers of which nobody said whether they were laden."""
        return sum(boxes for one, (boxes, _) in self.classes.items() if one.fill is None)


def class_sums(filling: PortFilling, spans: Iterable[Span]) -> dict[Span, ClassSums]:
    """Return the sums of spans, each of which lies within a year, while the books fill up."""
    wanted = tuple(spans)
    edges = {(on, span.last.year) for span in wanted for on in (span.first, span.after)}
    read: dict[tuple[date, int], dict[YearClass, tuple[int, int]]] = {}
    for on, year in sorted(edges):
        read[on, year] = {
            one: (total.moves, total.hundredths)
            for one, total in filling.until(on).year(year).sums.items()
            if has_throughput(one.move, one.kind)
        }
    return {
        span: _between(*(read[on, span.last.year] for on in (span.first, span.after)))
        for span in wanted
    }


def _between(
    before: Mapping[YearClass, tuple[int, int]], after: Mapping[YearClass, tuple[int, int]]
) -> ClassSums:
    none = (0, 0)
    return ClassSums(
        {
            one: (boxes - before.get(one, none)[0], teu - before.get(one, none)[1])
            for one, (boxes, teu) in after.items()
        }
    )


def _is_in(one: YearClass, wanted: ClassFilter) -> bool:
    """Whether a class is wanted."""
    return (
        wanted.move in ("", MOVES[one.move])
        and wanted.fill in ("", one.fill.lower() if one.fill else "unknown")
        and wanted.kind in ("", one.kind)
        and (not wanted.sizes or one.size in wanted.sizes)
        and wanted.terminal in ("", one.terminal)
    )
