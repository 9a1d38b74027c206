"""Numbers and periods that nothing has: refused as they are read, whatever they would cost."""

import json
from typing import Any

import pytest

from contract.errors import Reason, Rejected
from contract.events import IndicatorReported, ProjectRegistered, TargetSet
from contract.published.examples import EXAMPLES
from contract.wire import decode, encode

DIGITS = "9" * 100_000
TOO_GREAT = ("1e15", "1e400", "1e9999999", "1e999999999", DIGITS)
TOO_SMALL = ("1e-400", "1e-999999", f"0.{DIGITS}")


def example(kind: type[Any], path: tuple[str, ...], number: str) -> bytes:
    """The contract's example of an event, with this number in its data."""
    [event] = [event for event in EXAMPLES if isinstance(event, kind)]
    fields = at = json.loads(encode(event))
    for name in ("data", *path[:-1]):
        at = at[name]
    at[path[-1]] = "THE NUMBER"
    return json.dumps(fields).replace('"THE NUMBER"', number).encode()


@pytest.mark.parametrize("number", [*TOO_GREAT, *TOO_SMALL])
@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (ProjectRegistered, ("value", "amount")),
        (ProjectRegistered, ("value", "rate")),
        (IndicatorReported, ("value",)),
        (TargetSet, ("value",)),
        (TargetSet, ("start",)),
    ],
)
def test_a_number_that_nothing_has_is_refused(
    kind: type[Any], path: tuple[str, ...], number: str
) -> None:
    assert decode(example(kind, path, "0.5")) is not None

    with pytest.raises(Rejected) as refused:
        decode(example(kind, path, number))
    assert refused.value.reason is Reason.WRONG_TYPE


@pytest.mark.parametrize(
    "period", ["2025-02-29", "2025-04-31", "0000", "0000-01", "9999", "9999-Q4", "9999-12-31"]
)
def test_a_figure_of_no_period_in_the_calendar_is_refused(period: str) -> None:
    with pytest.raises(Rejected, match=f"period is {period}, which is not in the calendar"):
        decode(example(IndicatorReported, ("period",), f'"{period}"'))


@pytest.mark.parametrize("period", ["2024-02-29", "2025", "2025-Q4", "2025-12", "2025-12-31"])
def test_a_figure_of_a_year_a_quarter_a_month_or_a_day_is_read(period: str) -> None:
    read = decode(example(IndicatorReported, ("period",), f'"{period}"'))

    assert isinstance(read, IndicatorReported)
    assert read.data.period == period


def test_a_version_is_a_whole_number_that_every_json_can_hold() -> None:
    assert decode(example(IndicatorReported, ("version",), f"{(1 << 53) - 1}")) is not None
    for number in f"{1 << 53}", f"{1 << 65}", DIGITS:
        with pytest.raises(Rejected):
            decode(example(IndicatorReported, ("version",), number))


def test_a_step_of_no_size_is_refused() -> None:
    steps = '[{"on": "2026-03-31", "value": 1e999999999}]'

    with pytest.raises(Rejected, match="steps"):
        decode(example(TargetSet, ("steps",), steps))
