"""What another release wrote into a changelog is read, or refused in words, and never misread."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
import pytest

from contract.errors import QuaymarkError
from contract.events import Indicator, IndicatorReported
from ledger import journal
from ledger.facts import FACT
from ledger.indicator import post_indicator
from ledger.journal import BookedTerminal, blob, unblob
from tests.unit.streams.happenings import BOOK


def test_a_newer_journal_is_refused_with_what_is_read_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(journal, "VERSION", 4)
    put = blob(0, (BookedTerminal("tonghai", "THE"),), np.zeros(1, FACT))
    monkeypatch.undo()
    assert put.value is not None

    with pytest.raises(QuaymarkError) as refused:
        unblob(put.key, put.value)

    assert "version 4, this worker reads 3 and 2; start the version that wrote it" in str(
        refused.value
    )


def test_the_version_that_is_written_is_read() -> None:
    assert journal.VERSION in journal.READS


@pytest.mark.parametrize("value", [[3, [["a new kind of entry", 1]]], {"offset": 3}, "text"])
def test_figures_of_a_form_that_is_not_known_are_refused_in_words(value: Any) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    zone = BOOK.zone
    assert zone is not None
    figure = Indicator(zone.code, "rank", "national", "2025", Decimal(1), "place")
    event = IndicatorReported(
        id="i", source="/s", time=at, recordedtime=at, specversion="1.0", data=figure
    )

    with pytest.raises(QuaymarkError, match=r"indicator changelog: .*start the version"):
        post_indicator(msgspec.msgpack.encode(value), event, BOOK, 0, 9)
