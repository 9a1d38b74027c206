"""Clocks that run ahead."""

from datetime import timedelta

import msgspec
import pytest

from contract.errors import Reason, Rejected
from contract.future import refuse_future
from tests.unit.ledger.records import NOW, moved

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("field", ["time", "recordedtime"])
def test_an_event_may_be_an_hour_ahead_and_no_more(field: str) -> None:
    refuse_future(msgspec.structs.replace(moved("a"), **{field: NOW + HOUR}), NOW)

    late = msgspec.structs.replace(moved("a"), **{field: NOW + HOUR + timedelta(seconds=1)})
    with pytest.raises(
        Rejected, match=rf"\$\.{field}: .* set the sender's clock or zone right"
    ) as refused:
        refuse_future(late, NOW)
    assert refused.value.reason is Reason.FUTURE_TIME
