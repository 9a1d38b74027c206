"""The alerts of a period, from what Prometheus answers."""

from datetime import date

from contract.errors import StackError
from reports.period import Period, ReportKind
from reports.values import AlertSpan
from stack.backfill.prometheus_api import Prometheus
from stack.reporting.fired_alerts import fired_alerts
from tests.unit.kpis.builders import BOOK, seconds

DAY = Period.of(ReportKind.DAILY, date(2026, 11, 25))
LATE = {"alertname": "MilestoneLate", "severity": "warning", "project": "p1", "zone": "haimen"}


class AnsweringPrometheus(Prometheus):
    """A server that answers from memory, and keeps what it was asked."""

    def __init__(self, answers: dict[str, list[tuple[dict[str, str], float]]]) -> None:
        super().__init__("http://127.0.0.1:1")
        self.answers, self.asked = answers, list[tuple[str, float]]()

    def labelled_values(self, expr: str, at: float) -> list[tuple[dict[str, str], float]]:
        self.asked.append((expr, at))
        name = "ALERTS_FOR_STATE" if "ALERTS_FOR_STATE" in expr else "ALERTS"
        if name not in self.answers:
            raise StackError("no Prometheus answers")
        return self.answers[name]


def test_an_alert_bears_its_labels_and_the_day_since_which_it_is_active() -> None:
    """It is active since 19 October, 23:30 in the port's zone; the day has 86,400 s."""
    fired = LATE | {"__name__": "ALERTS", "alertstate": "firing"}
    since = seconds("2026-10-19 23:30")
    server = AnsweringPrometheus({"ALERTS": [(fired, 1.0)], "ALERTS_FOR_STATE": [(LATE, since)]})

    found = fired_alerts(server, BOOK, DAY)

    labels = (("project", "p1"), ("zone", "haimen"))
    assert found == (AlertSpan("MilestoneLate", "warning", labels, date(2026, 10, 19)),)
    assert all("[86400s]" in expr for expr, _ in server.asked)
    assert {at for _, at in server.asked} == {seconds("2026-11-26 00:00") - 1}


def test_without_prometheus_the_alerts_are_not_known() -> None:
    assert fired_alerts(AnsweringPrometheus({}), BOOK, DAY) is None


def test_an_alert_of_history_has_no_state_and_counts_from_the_first_day() -> None:
    fired = LATE | {"alertstate": "firing"}
    server = AnsweringPrometheus({"ALERTS": [(fired, 1.0)], "ALERTS_FOR_STATE": []})

    found = fired_alerts(server, BOOK, DAY)

    assert found is not None
    assert found[0].since == date(2026, 11, 25)
