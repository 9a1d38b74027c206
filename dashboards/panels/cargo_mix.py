"""The cargo mix: kinds of containers as shares of the year's TEU, beside the year before."""

from typing import Any

from dashboards.grafana.language import Language
from dashboards.grafana.layout import describe
from dashboards.grafana.specs import Column, GridPlace, PanelHead
from dashboards.grafana.table_panel import table
from dashboards.grafana.theme import bar, number, words
from dashboards.queries import year
from dashboards.queries.promql import held, of_year_before, select
from dashboards.queries.year import AREA, HERE, NOW
from kpis.model.kpi import recorded
from kpis.port import handled

MIX = (
    ("move", "discharge", "Discharged"),
    ("move", "load", "Loaded"),
    ("fill", "laden", "Laden"),
    ("fill", "empty", "Empty"),
    ("size", "20", "20 ft"),
    ("size", "40", "40 ft"),
    ("size", "45", "45 ft"),
    ("kind", "transhipment", "Transhipment"),
)
"""(label, its value, message) of each row."""


def cargo_mix(language: Language) -> Any:
    """The table of the cargo mix; its kinds overlap, and each is a share of all TEU."""
    klass = recorded(year.kpi(handled.ytd_class))
    parts = {
        f"{n} {value}": (language.text(message), {label: value})
        for n, (label, value, message) in enumerate(MIX)  # a number in front keeps the order
    }

    def shares(picked: dict[str, str]) -> str:
        return " or ".join(
            f'label_replace({picked[part]} / {picked[""]}, "part", "{part}", "", "")'
            for part in parts
        )

    picked: dict[str, dict[str, str]] = {"": {}} | {
        part: labels for part, (_, labels) in parts.items()
    }
    now = {
        part: f"sum({held(select(klass, **year.YEAR, **HERE, **labels))})"
        for part, labels in picked.items()
    }
    whole_before = {
        part: f"sum({of_year_before(held(select(klass, **AREA, **HERE, **labels)), '$year')})"
        for part, labels in picked.items()
    }
    mapped = words({part: name for part, (name, _) in parts.items()})
    columns = [
        Column(
            language.text("Kind"),
            {"mappings": mapped, "custom.minWidth": 107},
            label="part",
        ),
        Column(
            language.text("This year"),
            bar("percentunit", 1, max=1) | {"custom.minWidth": 92},
            quantity=language.count(shares(now)),
        ),
        Column(
            language.text("Last year", "whole year"),
            number("percentunit", 1, 72),
            quantity=language.count(shares(whole_before)),
        ),
        Column(
            language.text("Points"),
            number("none", 1, 58),
            quantity=language.count(
                f"100 * (({shares(now)}) - on (part) ({shares(whole_before)}))"
            ),
        ),
    ]
    described = describe(
        language,
        year.kpi(handled.ytd_class),
        note="Shares of all TEU since 1 January; kinds overlap.  Points against the whole year "
        "before.",
    )
    title = language.text("What is in the boxes: share of TEU")
    return table(
        PanelHead(title, described, GridPlace(0, 22, 11, 11), NOW),
        columns,
        sort=(language.text("Kind"), False),
    )
