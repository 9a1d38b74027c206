"""A port area and a zone with one sample per series, so each headline is computed by hand."""

from datetime import datetime

from dashboards.queries.promql import aggregate
from kpis.model.kpi import Labels, Series, recorded
from kpis.plan.plan import Status
from kpis.port import handled, pacing
from kpis.port.throughput import THROUGHPUT
from kpis.target import target_book
from kpis.target.target_book import TARGETS
from kpis.zone import investment, milestones
from kpis.zone.investment import INVESTMENT
from tests.integration.support.boards.seeded_pipeline import Key

AREA, ZONE = "by-hand", "by-hand-zone"
_PORT = {"port_area": AREA, "year": "2026"}
_ZONE = {"zone": ZONE}


FIGURES: tuple[tuple[Series, dict[str, str], float], ...] = (
    (aggregate(THROUGHPUT[handled.ytd]), _PORT, 700_000.75),
    (recorded(THROUGHPUT[pacing.pace]), _PORT, 0.9712),
    (recorded(THROUGHPUT[pacing.status]), _PORT, float(Status.BEHIND)),
    (recorded(THROUGHPUT[pacing.forecast]), _PORT, 1_059_837.0),
    (recorded(THROUGHPUT[pacing.shortfall]), _PORT, 40_163.0),
    (recorded(THROUGHPUT[pacing.required_per_day]), _PORT, 4_019.0),
    (recorded(THROUGHPUT[pacing.recent_per_day]), _PORT, 2_938.0),
    (aggregate(INVESTMENT[investment.signed]), _ZONE | {"tier": "100M"}, 142.0),
    (aggregate(INVESTMENT[investment.committed]), _ZONE, 108_500_000_000.0),
    (aggregate(INVESTMENT[milestones.milestones_overdue]), _ZONE, 7.0),
    (recorded(INVESTMENT[investment.milestone_hit]), _ZONE, 0.885),
    (aggregate(INVESTMENT[milestones.due_soon]), _ZONE | {"window": "30d"}, 8.0),
)
"""Series, labels, value."""
WITHDRAWN = {
    "owner": "haimen",
    "target": "withdrawn",
    "period": "2026",
    "name_zh": "已撤回",
    "name_en": "Withdrawn",
    "measures": "indicator_value",
    "unit": "firms",
    "direction": "at_least",
}
"""The labels of a target that was withdrawn half an hour ago."""

HEADLINES = {
    "en": {
        "Handled, TEU": 700_000.75,
        "Pace, %": 97.12,
        "Forecast, year": 1_059_837.0,
        "Short by": 40_163.0,
        "Need, TEU/d": 4_019.0,
        "28-day mean": 2_938.0,
        "Signed": 142.0,
        "CNY bn": 108.5,
        "Overdue": 7.0,
        "On time, %": 88.5,
        "Due, 30 d": 8.0,
    },
    "zh": {
        "年初至今，万标箱": 70.000075,
        "进度，%": 97.12,
        "全年预测": 105.9837,
        "预计缺口": 4.0163,
        "日需，标箱": 4_019.0,
        "28 日均": 2_938.0,
        "签约项目": 142.0,
        "协议投资，亿元": 1_085.0,
        "逾期节点": 7.0,
        "按期率，%": 88.5,
        "30 天内到期": 8.0,
    },
}
"""Language -> name in the panel -> displayed value: TEU / 10,000 = 万标箱, yuan / 100,000,000 =
亿元, ratio * 100 = %."""


def samples(now: datetime) -> list[tuple[Key, float, float]]:
    """Return one sample of each figure a minute ago, and one of the withdrawn target."""
    at = now.timestamp() - 60
    figures = [((str(name), _names(of), tuple(of.values())), at, n) for name, of, n in FIGURES]
    info = str(recorded(TARGETS[target_book.named]))
    gone = (info, _names(WITHDRAWN), tuple(WITHDRAWN.values()))
    return [*figures, (gone, at - 1740, 1.0)]


def _names(labels: dict[str, str]) -> Labels:
    return tuple(labels)
