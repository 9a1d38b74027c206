"""An alert: when it fires, what it says in both languages, where it leads."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from kpis.model.kpi import Kpi, Series, recorded

LANGUAGES = ("en", "zh")


class Links(Struct, frozen=True):
    """Where people open what an alert leads to."""

    grafana: str = "http://127.0.0.1:3000"
    runbook: str = "docs/runbook.md"


class Words(Struct, frozen=True):
    """What an alert says, in both languages of the operations room."""

    summary: str
    summary_zh: str
    description: str
    description_zh: str


class Alert(Struct, frozen=True):
    """One alert: its expression must hold for `wait`, and it fires on for `keep` after that.

    `board` is the dashboard that shows what it is about, with `view` in its address.
    """

    name: str
    severity: str
    expr: str
    wait: str
    keep: str
    words: Words
    board: str
    view: str = ""

    def rule(self, links: Links, *, at_once: bool = False) -> dict[str, Any]:
        """The rule as Prometheus's rule files write it; `at_once` is for trials."""
        held = {} if at_once else {"for": self.wait, "keep_firing_for": self.keep}
        return {
            "alert": self.name,
            "expr": self.expr,
            **held,
            "labels": {"severity": self.severity},
            "annotations": {
                "summary": self.words.summary,
                "summary_zh": self.words.summary_zh,
                "description": self.words.description,
                "description_zh": self.words.description_zh,
                "runbook_url": f"{links.runbook}#{self.name.lower()}",
                "dashboard_url": self._address(links, "en"),
                "dashboard_url_zh": self._address(links, "zh"),
            },
        }

    def _address(self, links: Links, language: str) -> str:
        return f"{links.grafana.rstrip('/')}/d/quaymark-{self.board}-{language}{self.view}"


def of(family: Any, formula: Callable[..., Any]) -> Series:
    """The recorded series of a formula's KPI: the one that knows no worker."""
    kpi: Kpi[Any] = family[formula]
    return recorded(kpi)


def either(name: str, alerts: tuple[tuple[str, str], ...], **same: Any) -> tuple[Alert, ...]:
    """Alerts of one name that differ in severity and expression."""
    return tuple(Alert(name, severity, expr, **same) for severity, expr in alerts)
