"""An alert: its condition, its texts in both languages, and its links."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from contract.alerting import WEB
from kpis.model.kpi import Kpi, Labels, Series, recorded
from rules.condition import Condition

LANGUAGES = ("en", "zh")


class Links(Struct, frozen=True):
    """The addresses at which people open what an alert leads to."""

    grafana: str = "http://127.0.0.1:3000"
    runbook: str = "docs/runbook.md"
    web: str = WEB
    """The address of the web page, which takes figures apart."""


class AlertText(Struct, frozen=True):
    """The texts of an alert, in Chinese and in English."""

    summary: str
    summary_zh: str
    description: str
    description_zh: str


class Alert(Struct, frozen=True):
    """One alert: it fires once its condition has held for `wait`, and until `keep` after its end.

    An alert on the pipeline has its condition as PromQL.  An alert on KPIs has a Condition, by
    which history can be judged too, and in `subject` the labels that tell one target or milestone
    from another.  `board` is the dashboard that shows what the alert is about.
    """

    name: str
    severity: str
    condition: Condition | str
    wait: str
    keep: str
    text: AlertText
    board: str
    subject: Labels = ()
    explained: str = ""
    """Template of a query of /explain on the web page: what changed the figure, if it has any."""

    @property
    def expr(self) -> str:
        """The condition as PromQL."""
        return self.condition if isinstance(self.condition, str) else self.condition.promql

    def rule(self, links: Links, *, at_once: bool = False) -> dict[str, Any]:
        """Return the rule as rule files write it; in tests `at_once` lets it fire at once."""
        held = {} if at_once else {"for": self.wait, "keep_firing_for": self.keep}
        return {
            "alert": self.name,
            "expr": self.expr,
            **held,
            "labels": {"severity": self.severity},
            "annotations": {
                "summary": self.text.summary,
                "summary_zh": self.text.summary_zh,
                "description": self.text.description,
                "description_zh": self.text.description_zh,
                "runbook_url": f"{links.runbook}#{self.name.lower()}",
                "dashboard_url": self._address(links, "en"),
                "dashboard_url_zh": self._address(links, "zh"),
                **self._explanation(links),
            },
        }

    def _explanation(self, links: Links) -> dict[str, str]:
        """Return where records explain the figure; without a query nothing is said of it."""
        if not self.explained:
            return {}
        page = f"{links.web.rstrip('/')}/explain"
        said = {"explain_url": "en", "explain_url_zh": "zh"}
        return {
            name: self.explained.replace("EXPLAIN", f"{page}?lang={language}&")
            for name, language in said.items()
        }

    def _address(self, links: Links, language: str) -> str:
        return f"{links.grafana.rstrip('/')}/d/quaymark-{self.board}-{language}"


def recorded_series(family: Any, formula: Callable[..., Any]) -> Series:
    """Return the recorded series of a formula's KPI: the one without the worker's labels."""
    kpi: Kpi[Any] = family[formula]
    return recorded(kpi)


def by_severity(
    name: str, conditions: tuple[tuple[str, Condition], ...], **same: Any
) -> tuple[Alert, ...]:
    """Return alerts of one name that differ in severity and condition, and share the rest."""
    return tuple(Alert(name, severity, condition, **same) for severity, condition in conditions)
