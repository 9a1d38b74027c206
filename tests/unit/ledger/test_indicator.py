"""Published figures: the newest version of a period wins."""

import itertools
from decimal import Decimal

import pytest

from contract.errors import Reason, Rejected
from contract.events import Indicator, IndicatorReported
from contract.snapshots import IndicatorValue
from ledger.indicator import post_indicator
from tests.unit.ledger.records import BOOK, at


def reported(
    value: str, version: int = 0, day: int = 1, zone: str = "haimen", event_id: str = ""
) -> IndicatorReported:
    time = at(f"2020-02-{day:02}T10:00:00+08:00")
    return IndicatorReported(
        id=event_id or f"{version}-{day}-{value}",
        source="/statistics",
        time=time,
        recordedtime=time,
        specversion="1.0",
        data=Indicator(zone, "teu", "Singapore", "2020-01", Decimal(value), "TEU", version),
    )


def posted(*arrivals: tuple[int, IndicatorReported]) -> IndicatorValue:
    state: bytes | None = None
    for offset, event in arrivals:
        state, result = post_indicator(state, event, BOOK, 1, offset)
    return result


def test_a_figure_is_kept_to_the_last_digit() -> None:
    assert posted((4, reported("3252901.75"))) == IndicatorValue(
        "haimen", "teu", "Singapore", "2020-01", Decimal("3252901.75"), "TEU", 0, 1, 4, None
    )


def test_a_later_version_or_record_replaces_whatever_the_order() -> None:
    flash, revised, final = reported("10"), reported("12", day=9), reported("11.5", version=1)
    for order in itertools.permutations(enumerate((flash, revised, final, final))):
        result = posted(*order)
        assert (result.value, result.before, result.version) == (Decimal("11.5"), Decimal(12), 1)
        assert result.offset == 3
        assert result.revised == final.recordedtime


def test_another_value_of_the_same_version_is_refused_and_both_are_shown() -> None:
    state, _ = post_indicator(None, reported("10"), BOOK, 0, 0)

    with pytest.raises(Rejected, match="booked as 10 TEU; came as 11 TEU") as refused:
        post_indicator(state, reported("11"), BOOK, 0, 1)
    assert refused.value.reason is Reason.CONFLICT


def test_the_same_figure_sent_again_under_another_id_changes_nothing() -> None:
    assert posted((0, reported("10")), (1, reported("10", event_id="x"))).before is None


def test_another_zones_figure_is_refused() -> None:
    with pytest.raises(Rejected, match="'moon' is not the zone") as refused:
        posted((0, reported("1", zone="moon")))
    assert refused.value.reason is Reason.UNKNOWN_CODE
