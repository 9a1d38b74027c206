"""What is in the boxes: shares of the year's TEU, beside those of the year before."""

from typing import Any

from dashboards import year
from dashboards.layout import about
from dashboards.looks import bar, number, words
from dashboards.panels import table
from dashboards.promql import held, of_year_before
from dashboards.shapes import Column, Head, Place
from dashboards.tongue import Tongue
from dashboards.year import AREA, HERE, NOW
from kpis import handled
from kpis.kpi import recorded

MIX = (
    ("move", "discharge", "Discharged", "卸船"),
    ("move", "load", "Loaded", "装船"),
    ("fill", "laden", "Laden", "重箱"),
    ("fill", "empty", "Empty", "空箱"),
    ("size", "20", "20 ft", "20 英尺"),
    ("size", "40", "40 ft", "40 英尺"),
    ("size", "45", "45 ft", "45 英尺"),
    ("kind", "transhipment", "Transhipment", "中转"),
)
"""(label, its value, English, Chinese) of the lines of the mix."""


def mix(say: Tongue) -> Any:
    """Lines of different kinds overlap: each is a share of all TEU."""
    klass = recorded(year.kpi(handled.ytd_class))
    parts = {
        f"{n} {value}": (say(en, zh), {label: value})
        for n, (label, value, en, zh) in enumerate(MIX)  # a number in front keeps the order
    }
    this = held(klass.where(**year.YEAR, **HERE))

    def shares(picked: dict[str, str]) -> str:
        return " or ".join(
            f'label_replace({picked[part]} / {picked[""]}, "part", "{part}", "", "")'
            for part in parts
        )

    now = {"": f"sum({this})"} | {
        part: f"sum({held(klass.where(**year.YEAR, **HERE, **labels))})"
        for part, (_, labels) in parts.items()
    }
    whole_before = {"": f"sum({of_year_before(held(klass.where(**AREA, **HERE)), '$year')})"} | {
        part: f"sum({of_year_before(held(klass.where(**AREA, **HERE, **labels)), '$year')})"
        for part, (_, labels) in parts.items()
    }
    columns = [
        Column(
            say("Kind", "类别"),
            {"mappings": words({part: name for part, (name, _) in parts.items()})},
            label="part",
        ),
        Column(
            say("This year", "本年"),
            bar("percentunit", 1, max=1) | {"custom.minWidth": 140},
            quantity=say.count(shares(now)),
        ),
        Column(
            say("Last year", "上年全年"),
            number("percentunit", 1, 90),
            quantity=say.count(shares(whole_before)),
        ),
        Column(
            say("Points", "百分点"),
            number("none", 1, 70),
            quantity=say.count(f"100 * (({shares(now)}) - on (part) ({shares(whole_before)}))"),
        ),
    ]
    described = about(
        say,
        "占年初至今总标箱的比例，不同类别相互重叠；与上年全年相比的百分点。",
        year.kpi(handled.ytd_class),
    )
    title = say("What is in the boxes: share of TEU", "箱量构成（占标箱比例）")
    return table(
        Head(title, described, Place(0, 22, 12, 11), NOW),
        columns,
        sort=(say("Kind", "类别"), False),
    )
