"""The targets as PromQL, running or over, each by its id and in its own unit.

A target's series know their owner, target and period; its names and unit are labels of its `info`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contract.book import Book
from dashboards.grafana.language import Language
from dashboards.grafana.layout import utc_offset
from dashboards.queries.present import at_present
from dashboards.queries.promql import FRESH, HOLD, held, select
from kpis.model.kpi import hourly, recorded
from kpis.target import target_book
from kpis.target.target_book import TARGETS

KEYS = "owner, target, period"
ID = "id"
"""The label on which the queries of a table are joined."""
YEARS_AHEAD = 10  # a plan of the State Council runs for five
UNITS: Mapping[str, str] = {
    "TEU": "TEU",
    "yuan": "CNY bn",
    "projects": "projects",
    "percent": "%",
    "ratio": "%",
    "rank": "rank",
    "firms": "firms",
    "moves": "moves",
}
"""Unit of a target -> the message that names it; other units are shown unchanged."""


@dataclass(frozen=True)
class TargetSeries:
    """The queries of the targets, in one language."""

    book: Book
    language: Language

    @property
    def name(self) -> str:
        """The label that holds a target's name."""
        return f"name_{self.language.lang}"

    def each(self, formula: Any, over: bool = False, **labels: str) -> str:
        """A KPI of each target that is running, or over, in the unit of the catalogue."""
        return f"({_now(formula)}) and on ({KEYS}) ({self.info(over, **labels)})"

    def over_time(self, formula: Any) -> str:
        """A KPI of each running target, as a curve."""
        running = (
            f"({self.at_the_end(target_book.named)}) * on (ends) group_left () ({self._years()})"
        )
        return f"{held(select(hourly(TARGETS[formula])))} and on ({KEYS}) ({running})"

    def at_the_end(self, formula: Any) -> str:
        """A KPI of each target at the end of the time range, the same at each step of a curve."""
        last = f"last_over_time({select(hourly(TARGETS[formula]))}[{HOLD}] @ end())"
        return _ending(at_present(last))

    def info(self, over: bool = False, **labels: str) -> str:
        """1 for each target that is running, or over, with its names and unit."""
        ends, years = _ending(_now(target_book.named, **labels)), self._years()
        if over:
            return f"{ends} unless on (ends) ({years})"
        return f"{ends} * on (ends) group_left () ({years})"

    def scaled(self, formula: Any, over: bool = False) -> str:
        """A KPI of targets in different units, each scaled to the unit that its row names."""
        teu, places = (10_000, 0.01) if self.language.lang == "zh" else (1, 1)
        yuan, tenths = (1e8, 1) if self.language.lang == "zh" else (1e9, 0.1)
        scales = {"TEU": (teu, places), "yuan": (yuan, tenths), "ratio": (0.01, 0.1)}
        parts = [
            f"round(({self.each(formula, over, unit=unit)}) / {divisor:g}, {step:g})"
            for unit, (divisor, step) in scales.items()
        ]
        others = "!" + "|".join(scales)
        parts.append(f"round({self.each(formula, over, unit=others)}, 0.01)")
        return " or ".join(parts)

    def standing(self) -> str:
        """1 for each target that is not withdrawn, with its names and unit."""
        return _now(target_book.named)

    def by_id(self, expr: str, *labels: str) -> str:
        """Rows of a table: one for each target, with its id and some labels."""
        kept = ", ".join((ID, *labels))
        joined = f'label_join({expr}, "{ID}", "/", "owner", "target", "period")'
        return f"max by ({kept}) ({joined})"

    def named(self, expr: str) -> str:
        """A curve for each target, with the label of its name."""
        return f"{expr} * on ({KEYS}) group_left ({self.name}) ({_now(target_book.named)})"

    def stale(self) -> str:
        """1 if no target has had a sample for two hours."""
        info = select(recorded(TARGETS[target_book.named]))
        return f"group({held(info)}) unless group({held(info, FRESH)})"

    def _years(self) -> str:
        """This year and the next ones, as values of the label `ends`."""
        this = f"year(vector(time() + {int(utc_offset(self.book).total_seconds())}))"
        return " or ".join(
            f'count_values("ends", {this} + {ahead})' for ahead in range(YEARS_AHEAD)
        )


_END = '"(.*/)?([0-9]+).*"'
"""Matches the last year of a period: 2026, 2026-Q3, 2025/2027."""


def _ending(targets: str) -> str:
    return f'label_replace({targets}, "ends", "$2", "period", {_END})'


def _now(formula: Any, **labels: str) -> str:
    """A KPI of the targets that are not withdrawn.

    Values are held while all targets lack samples, not while a single one does: a restart of the
    worker changes nothing, and a withdrawn target leaves the board at once.
    """
    series = recorded(TARGETS[formula])
    selector = select(series, **labels)
    anyone = select(recorded(TARGETS[target_book.named]))
    return f"{selector} or ({held(selector)} unless on () group({anyone}))"
