"""What a target may measure: mistakes with their field, reason and the nearest valid value."""

from decimal import Decimal
from typing import Any

import pytest

from contract.errors import Reason, Rejected
from kpis.target.measures import MEASURES, measure_of
from tests.unit.kpis.builders import BOOK, target

SIGNED: dict[str, Any] = {
    "owner": "haimen",
    "measures": "project_signed_projects",
    "labels": {"tier": "1bn"},
    "monthly": (),
}
FIGURE: dict[str, Any] = {
    "owner": "haimen",
    "measures": "indicator_value",
    "labels": {"indicator": "gdp-share", "scope": "zone"},
    "monthly": (),
}


@pytest.mark.parametrize(
    ("changes", "field", "reason", "message"),
    [
        (
            {"measures": "port_throughput_ytd_tue"},
            "measures",
            Reason.UNKNOWN_CODE,
            "'port_throughput_ytd_tue' is no KPI that a target can measure; "
            "did you mean port_throughput_ytd_teu?",
        ),
        (
            {"measures": "target_pace_ratio"},
            "measures",
            Reason.UNKNOWN_CODE,
            "'target_pace_ratio' is no KPI that a target can measure; "
            "did you mean port_throughput_pace_ratio?",
        ),
        (
            {"owner": "tonghia"},
            "owner",
            Reason.BAD_VALUE,
            "'tonghia' is no port area or zone of the book; did you mean tonghai?",
        ),
        (
            {"owner": "haimen"},
            "owner",
            Reason.BAD_VALUE,
            "port_throughput_ytd_teu is of a port area, and 'haimen' is none; known: tonghai",
        ),
        (
            {"labels": {"terminl": "THE"}},
            "labels",
            Reason.UNKNOWN_CODE,
            "port_throughput_ytd_teu has no label 'terminl'; did you mean terminal?",
        ),
        (
            {"labels": {"terminal": "THX"}},
            "labels",
            Reason.UNKNOWN_CODE,
            "'THX' is no terminal; did you mean THW?",
        ),
        (
            {"labels": {"year": "2026"}},
            "labels",
            Reason.UNKNOWN_CODE,
            "year follows from the target's period; remove it",
        ),
        (
            SIGNED | {"labels": {}},
            "labels",
            Reason.UNKNOWN_CODE,
            "project_signed_projects has a series for each tier; name it in labels",
        ),
        (
            SIGNED | {"labels": {"tier": "10b"}},
            "labels",
            Reason.UNKNOWN_CODE,
            "'10b' is no tier; did you mean 10bn?",
        ),
        (
            FIGURE | {"labels": {"indicator": "gdp-share"}},
            "labels",
            Reason.UNKNOWN_CODE,
            "indicator_value has a series for each scope; name it in labels",
        ),
        (
            {"unit": "tons"},
            "unit",
            Reason.BAD_VALUE,
            "'tons' is not what port_throughput_ytd_teu is counted in; give the value in TEU",
        ),
        (
            {
                "owner": "haimen",
                "measures": "project_committed_yuan",
                "monthly": (),
                "unit": "USD",
            },
            "unit",
            Reason.UNKNOWN_CURRENCY,
            "'USD' is not what project_committed_yuan is counted in; give the value in yuan",
        ),
        (
            {"measures": "port_throughput_ytd_moves", "period": "2026-H1", "monthly": ()},
            "period",
            Reason.BAD_VALUE,
            "port_throughput_ytd_moves is known by the year, and the period is 2026-H1; "
            "expected a year",
        ),
        (
            FIGURE | {"monthly": (1.0,) + (0.0,) * 11},
            "monthly",
            Reason.BAD_VALUE,
            "indicator_value is a level: give in start the value from which the plan leads to "
            "1000000",
        ),
        (
            FIGURE | {"start": Decimal(2_000_000)},
            "start",
            Reason.BAD_VALUE,
            "start is 2000000 and value 1000000; expected direction at_most",
        ),
    ],
)
def test_a_mistake_names_its_field_and_the_nearest_word(
    changes: dict[str, Any], field: str, reason: Reason, message: str
) -> None:
    with pytest.raises(Rejected) as caught:
        measure_of(target(**changes).data, BOOK)

    assert (caught.value.where, caught.value.reason) == (f"$.data.{field}", reason)
    assert caught.value.message == message


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"unit": "TEU"},
        {"labels": {"terminal": "THW"}, "period": "2026-Q1", "monthly": ()},
        {"measures": "port_throughput_ytd_moves", "period": "2024/2026", "monthly": ()},
        SIGNED,
        SIGNED | {"period": "2026-H1"},
        FIGURE | {"unit": "percent", "start": Decimal(1)},
        {"owner": "haimen", "measures": "project_committed_yuan", "monthly": (), "unit": "CNY"},
        {"owner": "haimen", "measures": "project_milestone_hit_ratio", "monthly": ()},
    ],
)
def test_what_fits_is_taken(changes: dict[str, Any]) -> None:
    event = target(**changes)

    assert measure_of(event.data, BOOK) is MEASURES[event.data.measures]
