"""A replay that is killed anywhere, and gone on with, has sent everything, in its old order."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from archive.filing import ArchivedRecord
from contract.record import ConsumerRecord
from contract.topics import MOVES, PROJECTS
from producers.publish.records import Encoded
from producers.replay import run
from producers.replay.pace import Pace
from producers.replay.run import Replay, reached
from producers.replay.source import HistoryDay
from tests.unit.producers.replay.test_run import JULY_1, NOW, OneByOne, ms

Place = tuple[str, int, int]
"""Topic, partition, and the record's number in it, which is its timestamp, too."""


class Killed(BaseException):
    """kill -9: nothing that comes after it is done."""


class Line(OneByOne):
    """To a Kafka that has `got` what it acknowledged, and of the rest whatever it likes."""

    def __init__(self, got: list[Place], steps: int, left: st.DataObject) -> None:
        self.got, self._steps, self._left = got, steps, left
        self._unsent: list[Place] = []

    async def send_encoded(self, record: Encoded) -> None:
        self._step()
        assert record.partition is not None
        assert record.timestamp_ms is not None
        self._unsent.append((record.topic, record.partition, record.timestamp_ms))

    async def flush(self) -> None:
        self._step()  # killed while it waits for the acknowledgement
        self.got += self._unsent
        self._unsent.clear()

    def _step(self) -> None:
        self._steps -= 1
        if self._steps < 0:
            arrived = self._left.draw(st.integers(0, len(self._unsent)), label="arrived")
            self.got += self._unsent[:arrived]
            raise Killed


@st.composite
def histories(draw: st.DrawFn) -> list[HistoryDay]:
    """Days of two topics; a partition's records have rising offsets, days may go back."""
    offsets: Counter[tuple[str, int]] = Counter()
    found = []
    for number in draw(st.lists(st.integers(0, 6), min_size=1, max_size=8)):
        topic = draw(st.sampled_from((MOVES, MOVES, PROJECTS)))
        records: list[ConsumerRecord] = []
        for partition in draw(st.lists(st.integers(0, 2), min_size=1, max_size=4).map(sorted)):
            offset = offsets[topic.name, partition]
            offsets[topic.name, partition] += 1
            records.append(ArchivedRecord(partition, offset, ms(JULY_1) + offset, b"k", b"{}", ()))
        found.append(HistoryDay(topic, date(2019, 7, 1) + timedelta(number), records))
    return found


@settings(max_examples=150)
@given(histories(), st.lists(st.integers(0, 20), max_size=4), st.booleans(), st.data())
def test_a_replay_killed_anywhere_and_gone_on_with_sends_all_in_the_old_order(
    history: list[HistoryDay], kills: list[int], paced: bool, data: st.DataObject
) -> None:
    whole = [
        (day.topic.name, one.partition, one.timestamp) for day in history for one in day.records
    ]

    async def days() -> AsyncIterator[HistoryDay]:
        for day in history:
            yield day

    got: list[Place] = []
    with TemporaryDirectory() as folder, patch.object(run, "KEEP_EVERY", 2):
        note = Path(folder, "reached.json")
        for steps in (*kills, 1_000):
            pace = Pace(1e12 if paced else None, lambda: 0.0)
            line = Line(got, steps, data)
            replay = Replay(line, pace, lambda: NOW, lambda _: None, note)  # type: ignore[arg-type]  # a stand-in
            try:
                asyncio.run(replay.run(days()))
            except Killed:
                continue
        found = reached(note)

    assert set(got) == set(whole)
    for name, partition in {place[:2] for place in whole}:
        first = dict.fromkeys(one for one in got if one[:2] == (name, partition))
        assert list(first) == [one for one in whole if one[:2] == (name, partition)]
    assert found is not None
    assert found.is_over


@settings(max_examples=30)
@given(histories())
def test_what_is_noted_as_sent_is_not_sent_again(history: list[HistoryDay]) -> None:
    async def days() -> AsyncIterator[HistoryDay]:
        for day in history:
            yield day

    again: list[Encoded] = []

    class All(OneByOne):
        async def send_encoded(self, record: Encoded) -> None:
            again.append(record)

        async def flush(self) -> None:
            """All is there."""

    with TemporaryDirectory() as folder:
        note = Path(folder, "reached.json")
        for _ in range(2):
            again.clear()
            replay = Replay(All(), Pace(None, lambda: 0.0), lambda: NOW, lambda _: None, note)  # type: ignore[arg-type]  # a stand-in
            asyncio.run(replay.run(days()))
        found = reached(note)

    assert again == []
    assert found is not None
    assert found.sent == sum(len(day.records) for day in history)
