"""The page docs/kpis.md: each KPI's meaning, formula, unit, labels, source and recorded series."""

from collections.abc import Iterable, Iterator
from typing import Any

from kpis.inbox import INBOX
from kpis.model.kpi import Family, Kpi, Unit, View, hourly, recorded, total
from kpis.partners import PARTNER_METERS
from kpis.pipeline import PIPELINE
from kpis.receiver import RECEIVER
from kpis.register import REGISTER_METERS
from kpis.reporting import REPORT_METERS

WORDS = {
    Unit.TEU: "TEU, exact to a hundredth",
    Unit.MOVES: "moves",
    Unit.YUAN: "yuan (CNY)",
    Unit.PROJECTS: "projects",
    Unit.SECONDS: "seconds",
    Unit.RATIO: "ratio, 1 = 100 %",
    Unit.CODE: "code",
    Unit.TIMESTAMP: "Unix seconds",
    Unit.VALUE: "as the figure that the target measures",
    Unit.COUNT: "count",
    Unit.LABELLED: "as its label `unit` says",
}
"""Unit -> its name on the page."""

HEAD = """\
# KPIs

Rendered from the catalogue in `kpis/` by `quaymark render`; change it there.
Y is the year to date, T the target, s the planned share of the year.  Every series is a gauge:
corrections can lower it, and a year to date starts again in January.
"""


def markdown(catalogue: Iterable[Family[Any, Any]]) -> str:
    """Return the page; each KPI has a heading, so that `docs/kpis.md#<series>` leads to it."""
    parts = [HEAD]
    for family in catalogue:
        parts.append(f"## `{family.name}` by {_listed(family.by)}\n\nFrom {family.source}.\n")
        parts.extend(_section(kpi) for kpi in family.kpis)
    parts.append("\n".join(_pipeline()))
    return "\n".join(parts)


def _section(kpi: Kpi[Any]) -> str:
    facts = [f"Unit: {WORDS[kpi.unit]}", f"labels: {_listed(kpi.labels)}"]
    if kpi.view is View.PART:
        facts.append("an ingredient of other panels")
    names = [f"`{recorded(kpi)}`", f"`{hourly(kpi)}`"]
    if summed := total(kpi):
        names.append(f"`{summed}`")
    paragraphs = [
        f"### {kpi.series}",
        kpi.help,
        kpi.formula,
        f"{'; '.join(facts)}.  Recorded as {', '.join(names)}.",
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"


def _pipeline() -> Iterator[str]:
    for title, meters in (
        ("The pipeline", PIPELINE),
        ("The inbox", INBOX),
        ("Reports", REPORT_METERS),
        ("The HTTP receiver", RECEIVER),
        ("The register", REGISTER_METERS),
        ("Partners", PARTNER_METERS),
    ):
        yield f"## {title}\n\n| series | labels | what |\n|---|---|---|"
        for meter in meters:
            yield f"| `{meter.name}` | {_listed(meter.labels)} | {meter.help} |"
        yield ""


def _listed(labels: Iterable[str]) -> str:
    return ", ".join(f"`{label}`" for label in labels) or "none"
