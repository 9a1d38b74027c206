"""The figures of a development zone in a report, each with its KPI."""

from typing import Any

from kpis.model.kpi import Kpi
from reports.period import Period, Span
from reports.reason import AbsenceReason, Why
from reports.tree import NumberForm, ReportFigure
from reports.values import ZoneValues


class ZoneFigures:
    """The figures of a zone at the end of a report's period."""

    def __init__(self, zone: ZoneValues, period: Period) -> None:
        self.zone, self.period, self.span = zone, period, period.span

    def of(self, kpi: Kpi[Any], form: NumberForm, **labels: str) -> ReportFigure:
        """Return the reading of a KPI with these labels."""
        value = self.zone.readings.sum(kpi, **labels)
        return self.quantity(kpi, form, value, **labels)

    def more(self, kpi: Kpi[Any], form: NumberForm, **labels: str) -> ReportFigure:
        """Return by how much a reading grew within the period."""
        before, now = (read.sum(kpi, **labels) for read in (self.zone.before, self.zone.readings))
        return self.quantity(kpi, form, None if now is None else now - (before or 0.0), **labels)

    def quantity(
        self, kpi: Kpi[Any], form: NumberForm, value: float | None, **labels: str
    ) -> ReportFigure:
        """Return a value as a quantity of the zone."""
        named = (("zone", self.zone.code), *labels.items())
        known = AbsenceReason(Why.NOT_KNOWN) if value is None else value
        return ReportFigure(kpi, named, Span(self.span.first, self.span.last), known, form)
