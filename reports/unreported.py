"""The KPIs of the catalogue that no report shows, each with the reason."""

from typing import Any

from kpis.model.kpi import Kpi
from kpis.port import growth, handled, pacing, working_hours
from kpis.port.throughput import LATEST, THROUGHPUT
from kpis.target import target_book
from kpis.target.target_book import TARGETS
from kpis.zone import indicators, investment, milestones, signings
from kpis.zone.indicators import INDICATORS
from kpis.zone.investment import INVESTMENT

_REASON_ITSELF = "the reason stands in the figure that it explains"
_LIVE = "it is of an instant, a report is of whole days"
_IN_TARGETS = "the table of targets shows the newest figure beside its goal"
_ONE_PAGE = "the projects board has it; a page holds what people act on"
_OF_A_CHART = "a chart and the sentence at the head say it"

UNREPORTED: dict[Kpi[Any], str] = {
    THROUGHPUT[handled.gate]: "gate moves are no throughput",
    THROUGHPUT[handled.as_of]: "the last move of the day is shown by its clock",
    THROUGHPUT[growth.ytd_on_year_code]: _REASON_ITSELF,
    LATEST[growth.month_on_year_code]: _REASON_ITSELF,
    LATEST[growth.month_on_month_code]: _REASON_ITSELF,
    THROUGHPUT[growth.completeness]: _REASON_ITSELF,
    THROUGHPUT[pacing.mark_reached]: _OF_A_CHART,
    THROUGHPUT[pacing.status]: "the tag of the year's head says it as a word",
    THROUGHPUT[pacing.plan_month_start]: "months are dates",
    THROUGHPUT[pacing.plan_month_end]: "months are dates",
    LATEST[handled.hour]: _LIVE,
    LATEST[working_hours.next_move_due]: _LIVE,
    INVESTMENT[investment.area]: _ONE_PAGE,
    INVESTMENT[investment.park]: _ONE_PAGE,
    INVESTMENT[signings.park_yuan]: _ONE_PAGE,
    INVESTMENT[signings.quarter_signed]: _ONE_PAGE,
    INVESTMENT[signings.quarter_committed]: _ONE_PAGE,
    INVESTMENT[signings.origin]: _ONE_PAGE,
    INVESTMENT[signings.origin_yuan]: _ONE_PAGE,
    INVESTMENT[signings.conversion]: _ONE_PAGE,
    INVESTMENT[milestones.milestones_met]: "the share that was met on time says it",
    INVESTMENT[milestones.worst_slip]: "the latest milestones are named with their days",
    INDICATORS[indicators.value]: _IN_TARGETS,
    INDICATORS[indicators.ended]: _IN_TARGETS,
    INDICATORS[indicators.periods]: _IN_TARGETS,
    INDICATORS[indicators.value_before]: _IN_TARGETS,
    INDICATORS[indicators.value_after]: _IN_TARGETS,
    INDICATORS[indicators.revised]: _IN_TARGETS,
    TARGETS[target_book.planned_to_date]: "the pace says it",
    TARGETS[target_book.gap]: "the pace says it",
    TARGETS[target_book.forecast_bound]: "the year's head has the band of the port's forecast",
    TARGETS[target_book.shortfall]: "forecast and goal stand side by side",
    TARGETS[target_book.required_per_day]: "the year's head has it for the port",
    TARGETS[target_book.attained]: _OF_A_CHART,
    TARGETS[target_book.expected]: _OF_A_CHART,
    TARGETS[target_book.status]: "the tag of the target says it as a word",
    TARGETS[target_book.warn]: "it decides the status",
    TARGETS[target_book.critical]: "it decides the status",
    TARGETS[target_book.changed]: "targets count in their newest version",
    TARGETS[target_book.named]: "the names stand in the table",
}
"""KPI -> why no report shows it."""
