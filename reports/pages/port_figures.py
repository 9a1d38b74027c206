"""The figures of a port area in a report, each with the KPI that it is a reading of."""

from datetime import date
from typing import Any

from kpis.model.kpi import Kpi
from kpis.port import growth, handled, pacing
from kpis.port.throughput import LATEST, THROUGHPUT
from reports import compare
from reports.compare import Compared
from reports.period import DAY, Period, Span, month_end, month_to, year_to
from reports.reason import AbsenceReason, Why
from reports.rounding import spread
from reports.tree import Against, NumberForm, ReportFigure
from reports.values import QUIET_DAYS, KpiReadings, PortValues
from reports.wholeness import is_whole, no_moves, whole_to

DAY_TEU = LATEST[handled.day]
MONTH_TEU = LATEST[growth.month_to_date]
YEAR_TEU = THROUGHPUT[handled.ytd]


class PortFigures:
    """The figures of one port area; sums to date end with the last whole day."""

    def __init__(self, port: PortValues, period: Period) -> None:
        self.port, self.period = port, period
        self.whole = is_whole(port, period)
        self.empty = no_moves(port, period)
        self.until = whole_to(port, period).last
        self.end = port.readings[self.until + DAY]
        self.day = Span(period.last, period.last)
        self.month, self.year = month_to(self.until), year_to(self.until)
        self.span = Span(period.span.first, self.until)
        """The days of the period that are whole."""

    @property
    def area(self) -> tuple[tuple[str, str], ...]:
        """The labels of the area's own figures."""
        return (("port_area", self.port.code),)

    def of(
        self, kpi: Kpi[Any], span: Span, value: Compared | None, form: NumberForm, **more: Any
    ) -> ReportFigure:
        """Return a quantity of the area or of a terminal; None stands for an unknown value."""
        terminal = more.pop("terminal", "")
        labels = self.area + ((("terminal", terminal),) if terminal else ())
        known = AbsenceReason(Why.NOT_KNOWN) if value is None else value
        return ReportFigure(kpi, labels, span, known, form, **more)

    def reading(self, kpi: Kpi[Any], form: NumberForm, absent: Why, **more: Any) -> ReportFigure:
        """Return the area's reading of a KPI at the end of the last whole day."""
        labels = {"year": str(self.until.year)} if "year" in kpi.labels else {}
        value = self.end.sum(kpi, **labels, **more.pop("labels", {}))
        span = Span(self.year.first, self.year.first.replace(month=12, day=31))
        if kpi.of not in (pacing.forecast, pacing.forecast_bound, pacing.shortfall, pacing.target):
            span = self.year
        found = AbsenceReason(absent) if value is None else value
        return self.of(kpi, span, found, form, **more)

    def teu(self, span: Span, terminal: str = "", **more: Any) -> ReportFigure:
        """Return the TEU of some days, or why there is none."""
        kpi = self.kpi_of(span)
        value: Compared = self.port.teu(span, terminal)
        if not value and span == self.day and self.empty and span.last not in self.port.closed:
            value = AbsenceReason(Why.NO_MOVE)
        return self.of(kpi, span, value, NumberForm.TEU, terminal=terminal, **more)

    def kpi_of(self, span: Span) -> Kpi[Any]:
        """Return the KPI whose reading, or difference of readings, is the TEU of a span."""
        if span.days == 1:
            return DAY_TEU
        if span == self.year:
            return YEAR_TEU
        return MONTH_TEU if span == self.month else YEAR_TEU

    def terminals(self, span: Span) -> dict[str, ReportFigure]:
        """Return the TEU of each terminal, rounded on paper so that they add up."""
        values = [self.port.teu(span, code) for code in self.port.terminals]
        return {
            code: self.teu(span, code, shown=float(shown))
            for code, shown in zip(self.port.terminals, spread(values), strict=True)
        }

    def of_plan(self, span: Span, planned_span: Span, **more: Any) -> ReportFigure:
        """Return the TEU of a span as a share of the plan of another, such as its whole month."""
        plan = self.port.plan(planned_span)
        value: Compared = AbsenceReason(Why.NO_PLAN)
        if span == self.day and not self.whole:
            value = self._not_whole()
        elif plan is not None:
            value = self.port.teu(span) / plan if plan else AbsenceReason(Why.WAS_ZERO)
        return self.of(
            self.kpi_of(span), span, value, NumberForm.SHARE, against=Against.PLAN, **more
        )

    def on_year(self, span: Span, terminal: str = "", **more: Any) -> ReportFigure:
        """Return the growth on the same days of last year."""
        value = self._not_whole()
        if self.whole or span != self.day:
            value = compare.on_year(self.port, span, terminal)
        kpi = THROUGHPUT[growth.ytd_on_year] if span == self.year else LATEST[growth.month_on_year]
        kpi = self.kpi_of(span) if span.days == 1 or terminal else kpi
        return self.of(
            kpi,
            span,
            value,
            NumberForm.CHANGE,
            terminal=terminal,
            against=Against.YEAR_BEFORE,
            **more,
        )

    def on_month(self, span: Span, terminal: str = "", **more: Any) -> ReportFigure:
        """Return the growth of a month's mean day on that of the whole month before."""
        value = compare.on_period_before(self.port, span, terminal)
        kpi = MONTH_TEU if terminal else LATEST[growth.month_on_month]
        return self.of(
            kpi,
            span,
            value,
            NumberForm.CHANGE,
            terminal=terminal,
            against=Against.MONTH_BEFORE,
            **more,
        )

    def on_mean(self, terminal: str = "", **more: Any) -> ReportFigure:
        """Return the last day against the mean of the last 28 days, itself included."""
        last = Span(self.day.last - (QUIET_DAYS - 1) * DAY, self.day.last)
        value = compare.on_mean(self.port, last, terminal) if self.whole else self._not_whole()
        return self.of(
            DAY_TEU,
            self.day,
            value,
            NumberForm.CHANGE,
            terminal=terminal,
            against=Against.MEAN,
            **more,
        )

    def on_week(self, span: Span, terminal: str = "", **more: Any) -> ReportFigure:
        """Return the mean day of a week against that of the whole week before."""
        monday = span.first - 7 * DAY
        base = Span(monday, monday + 6 * DAY)
        value = compare.growth(self.port, span, base, terminal)
        return self.of(
            DAY_TEU,
            span,
            value,
            NumberForm.CHANGE,
            terminal=terminal,
            against=Against.WEEK_BEFORE,
            **more,
        )

    def extremes(self, span: Span) -> tuple[Span | None, Span | None]:
        """Return the best and the worst booked day of a span."""
        days = [on for on in span.each() if on in self.port.days]
        if not days:
            return None, None
        best, worst = (
            pick(days, key=lambda on: self.port.teu(Span(on, on))) for pick in (max, min)
        )
        return Span(best, best), Span(worst, worst)

    def forecast(self, **more: Any) -> ReportFigure:
        """Return the TEU expected in the whole year."""
        kpi = THROUGHPUT[pacing.forecast]
        absent = Why.NO_FORECAST if self.port.planned else Why.NO_PLAN
        form = more.pop("form", NumberForm.TEU)
        return self.reading(kpi, form, absent, **more)

    def bounds(
        self, level: str, form: NumberForm, **more: Any
    ) -> tuple[ReportFigure, ReportFigure]:
        """Return the lower and the upper edge of the forecast at a level such as "0.80"."""
        kpi = THROUGHPUT[pacing.forecast_bound]
        low, high = (
            self.reading(kpi, form, Why.NO_BAND, labels={"level": level, "bound": bound}, **more)
            for bound in ("lower", "upper")
        )
        return low, high

    def mean(self, **more: Any) -> ReportFigure:
        """Return the mean TEU a day of the last 28 days."""
        return self.reading(
            THROUGHPUT[pacing.recent_per_day], NumberForm.TEU, Why.BOOKS_BEGIN, **more
        )

    def per_day(self, span: Span, terminal: str = "", **more: Any) -> ReportFigure:
        """Return the mean TEU a day of some days."""
        value = self.port.teu(span, terminal) / span.days if span.days > 0 else None
        return self.of(self.kpi_of(span), span, value, NumberForm.TEU, terminal=terminal, **more)

    def plan(self, span: Span, **more: Any) -> ReportFigure:
        """Return the TEU planned for some days of the year."""
        value = self.port.plan(span)
        found = AbsenceReason(Why.NO_PLAN) if value is None else value
        kpi = THROUGHPUT[pacing.planned_to_date]
        if span == Span(span.first.replace(day=1), month_end(span.first)):
            kpi = THROUGHPUT[pacing.plan_month]
        return self.of(kpi, span, found, NumberForm.TEU, against=Against.PLAN, **more)

    def share(self, span: Span, terminal: str, **more: Any) -> ReportFigure:
        """Return a terminal's share of the area's TEU."""
        whole = self.port.teu(span)
        value: Compared = AbsenceReason(Why.WAS_ZERO)
        if whole:
            value = self.port.teu(span, terminal) / whole
        return self.of(
            self.kpi_of(span),
            span,
            value,
            NumberForm.SHARE,
            terminal=terminal,
            against=Against.WHOLE,
            **more,
        )

    def class_teu(self, span: Span, **labels: str) -> float | AbsenceReason:
        """Return the TEU of a class of moves in some days, as a difference of two readings."""
        return self._difference(THROUGHPUT[handled.ytd_class], span, labels)

    def moves(self, span: Span, kpi: Kpi[Any]) -> float | AbsenceReason:
        """Return moves of some days, by a KPI that counts them since 1 January."""
        return self._difference(kpi, span, {})

    def _difference(
        self, kpi: Kpi[Any], span: Span, labels: dict[str, str]
    ) -> float | AbsenceReason:
        begin = self.port.begin
        if begin is None or begin > span.last:
            return AbsenceReason(Why.BOOKS_BEGIN, begin.isoformat() if begin else "")
        found = 0.0
        for year in range(span.first.year, span.last.year + 1):
            begin, end = max(span.first, date(year, 1, 1)), min(span.last, date(year, 12, 31))
            for on, sign in ((begin, -1), (end + DAY, 1)):
                at_begin = on == date(year, 1, 1)
                read = None if at_begin else self._reading(on).sum(kpi, year=str(year), **labels)
                found += sign * (read or 0.0)
        return round(found * 100) / 100

    def _reading(self, on: date) -> KpiReadings:
        return self.port.readings[on]

    def _not_whole(self) -> Compared:
        if self.empty:
            return AbsenceReason(Why.NO_MOVE, self.day.last.isoformat())
        return AbsenceReason(Why.DAY_NOT_WHOLE, self.day.last.isoformat())
