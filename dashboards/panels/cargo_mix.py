"""The cargo mix: kinds of containers as shares of the year's TEU, beside the year before."""

from collections.abc import Callable
from typing import Any

from dashboards.grafana.explain_links import ROW, ExplainLinks, as_style
from dashboards.grafana.language import Language
from dashboards.grafana.layout import describe
from dashboards.grafana.specs import CODE_COLUMN, Column, GridPlace, PanelHead
from dashboards.grafana.table_panel import table
from dashboards.grafana.theme import bar, number, words
from dashboards.queries import year
from dashboards.queries.promql import held, of_year_before, select, with_code
from dashboards.queries.year import AREA, HERE, NOW
from kpis.model.kpi import recorded
from kpis.port import handled

MIX = {
    "move": {"discharge": "Discharged", "load": "Loaded"},
    "fill": {"empty": "Empty", "laden": "Laden"},
    "size": {"20": "20 ft", "40": "40 ft", "45": "45 ft"},
    "kind": {"transhipment": "Transhipment"},
}
"""Label -> its values that have a row -> the message of each, in the order of the rows."""


def cargo_mix(language: Language, explain: ExplainLinks) -> Any:
    """The table of the cargo mix; its kinds overlap, and each is a share of all TEU."""
    klass = recorded(year.kpi(handled.ytd_class))

    def this_year(**labels: str) -> str:
        return held(select(klass, **year.YEAR, **HERE, **labels))

    def year_before(**labels: str) -> str:
        return of_year_before(held(select(klass, **AREA, **HERE, **labels)), "$year")

    def shares(teu: Callable[..., str]) -> str:
        """Shares by the label `part`, whose number in front keeps the order of the rows."""
        parts = " or ".join(
            f"label_replace(sum by ({label}) ({teu(**{label: '~' + '|'.join(values)})}), "
            f"'part', '{n} $1', '{label}', '(.+)')"
            for n, (label, values) in enumerate(MIX.items())
        )
        return f"sum by (part) ({parts}) / on () group_left () sum({teu()})"

    now = shares(this_year)
    before = f"({shares(year_before)}) and on () ({year.year_before_is_whole()})"
    mapped = words(
        {
            f"{n} {value}": language.text(message)
            for n, values in enumerate(MIX.values())
            for value, message in values.items()
        }
    )
    columns = [
        Column(
            language.text("Kind"),
            {"mappings": mapped, "custom.minWidth": 107} | as_style(explain.of_class()),
            label="part",
        ),
        Column(
            language.text("This year"),
            bar("percentunit", 1, max=1)
            | {"custom.minWidth": 92}
            | as_style(explain.of_class(ROW)),
            quantity=language.count(with_code(now, "part")),
        ),
        Column(
            language.text("Last year", "whole year"),
            number("percentunit", 1, 72),
            quantity=language.count(before),
        ),
        Column(
            language.text("Points"),
            number("none", 1, 58),
            quantity=language.count(f"100 * (({now}) - on (part) ({before}))"),
        ),
        CODE_COLUMN,
    ]
    described = describe(
        language,
        year.kpi(handled.ytd_class),
        note="Shares of all TEU since 1 January; kinds overlap.  Points against the whole year "
        "before, if the books hold it whole.",
    )
    title = language.text("What is in the boxes: share of TEU")
    return table(
        PanelHead(title, described, GridPlace(0, 22, 11, 11), NOW),
        columns,
        sort=(language.text("Kind"), False),
    )
