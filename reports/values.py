"""The values that reports are made of: readings of KPIs at the beginning of days, and names."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import accumulate
from typing import Any

from msgspec import Struct

from contract.events import Label
from kpis.model.kpi import Kpi, Labels, Reading
from reports.period import Period, Span

QUIET_DAYS = 28  # four whole weeks, as of the mean of the last days


class KpiReadings(Struct, frozen=True):
    """The readings of KPIs at one instant."""

    values: Mapping[str, Mapping[Labels, float]]
    """Series -> label values -> value."""

    @classmethod
    def of(cls, readings: list[Reading]) -> "KpiReadings":
        """Return readings by their series and labels."""
        values: dict[str, dict[Labels, float]] = {}
        for one in readings:
            values.setdefault(str(one.kpi.series), {})[one.labels] = one.value
        return cls(values)

    def selected(self, kpi: Kpi[Any], **labels: str) -> dict[Labels, float]:
        """Return label values -> value of a KPI's series that have these labels."""
        return {
            found: value
            for found, value in self.values.get(str(kpi.series), {}).items()
            if labels.items() <= dict(zip(kpi.labels, found, strict=True)).items()
        }

    def sum(self, kpi: Kpi[Any], **labels: str) -> float | None:
        """Return the sum of a KPI's series that have these labels; None if there is none."""
        found = self.selected(kpi, **labels)
        return sum(found.values()) if found else None


class Quay(Struct, frozen=True):
    """How a terminal's last days ended, from which it follows whether a day is whole."""

    empty_hours: tuple[int, ...]
    """Hours without TEU at the end of each of the last 29 days, the newest last."""
    last_hour: int | None
    """The last hour of the last day that has TEU, from 0 to 23; None without any."""


class PortValues(Struct, frozen=True, dict=True):
    """The values of a port area."""

    code: str
    name: Label
    terminals: Mapping[str, Label]
    """Code of a terminal -> its name."""
    readings: Mapping[date, KpiReadings]
    """Day -> the readings at its beginning, for the days of `instants`."""
    days: Mapping[date, Mapping[str, float]]
    """Day -> terminal -> TEU, since 1 January of last year; only days since the books begin."""
    planned: tuple[float, ...]
    """TEU planned by the beginning of each day of the year and by its end; () without a plan."""
    year: int
    """The year of the plan."""
    quays: Mapping[str, Quay]
    """Terminal -> how its days ended."""
    last_move: str = ""
    """The clock of the last quay move of the last day, such as 23:57; empty without a move."""
    closed: frozenset[date] = frozenset()
    festival: bool = False
    """January and February are compared together, since Spring Festival moves."""
    quiet_hours: float = 2.0

    @cached_property
    def begin(self) -> date | None:
        """The first day of the books, as far back as the report looks."""
        return min(self.days, default=None)

    def teu(self, span: Span, terminal: str = "") -> float:
        """Return the TEU of some days, of a terminal or of all; hundredths are exact."""
        if self.begin is None or not (sums := self._sums.get(terminal)):
            return 0.0
        start, stop = (
            min(max((day - self.begin).days, 0), len(sums) - 1) for day in (span.first, span.after)
        )
        return max(sums[stop] - sums[start], 0) / 100

    @cached_property
    def _sums(self) -> Mapping[str, list[int]]:
        """Terminal, or "" for all -> hundredths of a TEU before each day since `begin`."""
        known = Span(min(self.days), max(self.days)).each()
        names = {name for teu in self.days.values() for name in teu}
        of_days = {
            name: [round(self.days.get(on, {}).get(name, 0.0) * 100) for on in known]
            for name in names
        }
        of_days[""] = [sum(one) for one in zip(*of_days.values(), strict=True)]
        return {name: [*accumulate(teu, initial=0)] for name, teu in of_days.items()}

    def plan(self, span: Span) -> float | None:
        """Return the TEU planned for some days; None without a plan of their year."""
        if not self.planned or span.first.year != self.year:
            return None
        start = span.first.timetuple().tm_yday - 1
        return self.planned[start + span.days] - self.planned[start]


class DatedMilestone(Struct, frozen=True):
    """A milestone that is late or due: the names that its project has, and the due date."""

    code: str
    """The project's code, as alerts name it."""
    project: Label
    milestone: str
    due: date


class ZoneValues(Struct, frozen=True):
    """The values of a development zone."""

    code: str
    name: Label
    readings: KpiReadings
    """At the end of the period."""
    before: KpiReadings
    """At the beginning of the period."""
    late: tuple[DatedMilestone, ...] = ()
    """Milestones that are not met and past their due date, the latest first."""
    due: tuple[DatedMilestone, ...] = ()
    """Milestones that are not met and due within 30 days, the nearest first."""
    met: tuple[DatedMilestone, ...] = ()
    """Milestones that were met in the period; `due` is the day on which they were."""


class AlertSpan(Struct, frozen=True):
    """An alert that fired within the period: its name, its labels, and since when."""

    name: str
    severity: str
    labels: tuple[tuple[str, str], ...]
    """The labels of what it is about, such as a target or a project and its milestone."""
    since: date


class RevisionCause(StrEnum):
    """Why a figure differs from an earlier issue."""

    LATE = "late"
    """Moves of a day that came after the earlier issue."""
    AMENDED = "amended"
    RETRACTED = "retracted"
    TARGET = "target-changed"
    PROJECT = "project"
    """A project's stage or amount that was reported late, or amended."""
    UNEXPLAINED = "unexplained"
    """No record explains it: the port's book changed, or Kafka no longer has the records."""


class CountedCause(Struct, frozen=True):
    """A cause of a revision, and of how many events."""

    why: RevisionCause
    events: int = 0


class Revision(Struct, frozen=True):
    """A figure that an earlier issue had, and that is another now."""

    span: Span
    then: float
    now: float
    terminal: str = ""
    """The terminal of a day; empty for all of a port area."""
    target: tuple[str, ...] = ()
    """The key labels of a target, whose goal it is; () for TEU."""
    stage: str = ""
    """The stage that so many projects had reached by the end of the span; empty for TEU."""
    is_amount: bool = False
    """Whether it is the yuan of these projects, not their number."""
    causes: tuple[CountedCause, ...] = ()


class Remark(Struct, frozen=True):
    """A remark of a person on a day."""

    on: date
    about: str
    by: str
    text: Label


class ReportIssue(Struct, frozen=True):
    """The issue of a report: when, which edition, and whether its last day was whole."""

    on: date
    clock: str
    """The time of day in the port's zone, such as 08:00."""
    edition: int
    provisional: bool = False
    unread: bool = False
    """Whether events waited in Kafka that the books did not hold yet."""


class ReportValues(Struct, frozen=True):
    """All values of a report; a port area or a zone may be absent."""

    period: Period
    targets: KpiReadings
    """The readings of the targets of all owners of the report."""
    port: PortValues | None = None
    zone: ZoneValues | None = None
    alerts: tuple[AlertSpan, ...] | None = None
    """None if it is not known which alerts fired."""
    issue: ReportIssue | None = None
    """None for a report that is only shown."""
    revisions: tuple[Revision, ...] = ()
    """What differs from the issue before."""
    explanation: str = ""
    """Address of the web page that explains what changed since the issue before, or none."""
    remarks: tuple[Remark, ...] = ()
    """The remarks on the days of the period."""

    @property
    def owner(self) -> str:
        """The code of the port area, or else of the zone; empty without both."""
        named = self.port or self.zone
        return named.code if named else ""
