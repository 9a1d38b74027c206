"""Past alerts are pending and fire when the rules would have."""

from kpis.model.kpi import Reading
from kpis.past.history import DAILY_SECONDS, HistoryPoint
from kpis.past.openmetrics import SeriesNamer
from kpis.target import target_book
from kpis.target.target_book import TARGETS
from kpis.zone import milestones
from kpis.zone.investment import INVESTMENT
from rules.alerts import ALERTS
from rules.condition import Condition
from rules.inbox_alerts import INBOX_ALERTS
from rules.partner_alerts import PARTNER_ALERTS
from rules.past_alerts import PastAlerts
from rules.pipeline_alerts import PIPELINE_ALERTS
from rules.receiver_alerts import RECEIVER_ALERTS
from rules.register_alerts import REGISTER_ALERTS
from rules.report_alerts import REPORT_ALERTS

DAY = 86_400.0
TARGET = ("tonghai", "annual-teu", "2026")


def reading(pace: float, status: float = 2.0) -> tuple[Reading, ...]:
    """A target whose thresholds are 0.97 and 0.90."""
    figures = {
        target_book.pace: pace,
        target_book.status: status,
        target_book.warn: 0.97,
        target_book.critical: 0.90,
        target_book.goal: 100.0,
        target_book.current: 100.0 * pace,
        target_book.gap: 100.0 - 100.0 * pace,
    }
    return tuple(TARGETS[formula].reading(TARGET, value) for formula, value in figures.items())


def states(*days: tuple[Reading, ...], name: str = "TargetBehind") -> list[dict[str, str]]:
    """Severity -> state of an alert, day by day."""
    alerts, found = PastAlerts(SeriesNamer()), []
    for n, readings in enumerate(days):
        [series] = alerts.values(HistoryPoint(n * DAY, "tonghai targets", readings, DAILY_SECONDS))
        names = [one.held[0] for one in series.values if f'"{name}"' in one.held[0]]
        found.append(
            {
                severity: state
                for severity in ("warning", "critical")
                for state in ("pending", "firing")
                for one in names
                if f'"{severity}"' in one and f'"{state}"' in one
            }
        )
    return found


def test_an_alert_waits_a_day_before_it_fires_and_ends_when_the_pace_is_back() -> None:
    assert states(reading(0.95), reading(0.95), reading(0.98)) == [
        {"warning": "pending"},
        {"warning": "firing"},
        {},
    ]


def test_one_that_comes_back_waits_again() -> None:
    found = states(reading(0.95), reading(0.98), reading(0.95))

    assert found[-1] == {"warning": "pending"}


def test_a_critical_pace_is_below_both_thresholds() -> None:
    assert states(reading(0.5)) == [{"warning": "pending", "critical": "pending"}]


def test_a_target_that_is_attained_is_behind_no_plan() -> None:
    assert states(reading(0.5, status=0.0)) == [{}]


def test_a_missed_target_fires_at_once() -> None:
    assert states(reading(0.5, status=4.0), name="TargetMissed") == [{"critical": "firing"}]


def test_a_late_milestone_fires_with_the_labels_of_its_rule() -> None:
    late = INVESTMENT[milestones.late_milestone].reading(("haimen", "P", "roof"), DAY)
    [found] = PastAlerts(SeriesNamer("drill")).values(
        HistoryPoint(0, "haimen", (late,), DAILY_SECONDS)
    )

    [names] = found.values
    assert names.held == (
        'ALERTS{alertname="MilestoneLate",alertstate="firing",milestone="roof",project="P",'
        'run="drill",severity="warning",zone="haimen"}',
    )


def test_every_alert_on_kpis_has_a_past() -> None:
    others = (
        *(*PIPELINE_ALERTS, *INBOX_ALERTS, *RECEIVER_ALERTS),
        *(*REPORT_ALERTS, *REGISTER_ALERTS, *PARTNER_ALERTS),
    )
    on_kpis = [alert for alert in ALERTS if alert not in others]

    assert len(on_kpis) == 5  # behind (twice), short, missed; a late milestone
    assert all(isinstance(alert.condition, Condition) for alert in on_kpis)
