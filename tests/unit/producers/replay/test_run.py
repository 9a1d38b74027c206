"""History again: what a range picks, its order and pace, and where it goes on."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from archive import part as parts
from archive.filing import ArchivedRecord
from archive.manifest import ArchiveManifest, OffsetSpan
from contract.errors import Misconfigured, StackError
from contract.progress import ReplayPosition
from contract.record import ConsumerRecord
from contract.topics import MOVES, PROJECTS, TARGETS, Topic
from producers.publish.records import Encoded, PartitionSlot
from producers.replay.pace import Pace
from producers.replay.run import Replay, ReplayNotice, reached
from producers.replay.source import By, Days, HistoryDay, HistoryRange, archived

NOW = datetime(2026, 11, 25, tzinfo=UTC)
JULY_1 = datetime(2019, 7, 1, tzinfo=UTC)


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def moved(
    at: datetime, offset: int = 0, partition: int = 0, sent: datetime | None = None
) -> ArchivedRecord:
    """A record of a move that happened at an instant; it was sent then if nothing else is said."""
    value = b'{"type":"t","id":"%d","source":"s","time":"%s","recordedtime":"%s"}' % (
        offset,
        at.isoformat().encode(),
        at.isoformat().encode(),
    )
    return ArchivedRecord(partition, offset, ms(sent or at), b"k", value, ())


class OneByOne(ABC):
    """A sender that takes a stretch's records as it takes others."""

    @abstractmethod
    async def send_encoded(self, record: Encoded) -> None:
        """Take one record."""

    async def send_stretch(self, slot: PartitionSlot, records: Iterable[ConsumerRecord]) -> None:
        for one in records:
            assert one.partition == slot.partition
            headers = tuple(one.headers)
            sent = (one.key, one.value, one.timestamp, one.partition, headers)
            await self.send_encoded(Encoded(slot.topic, *sent))


class Sent(OneByOne):
    """A sender that keeps what it is given."""

    def __init__(self) -> None:
        self.records: list[Encoded] = []
        self.flushed = 0

    async def send_encoded(self, record: Encoded) -> None:
        self.records.append(record)

    async def flush(self) -> None:
        self.flushed += 1

    @property
    def keys(self) -> list[tuple[str, int | None, int | None]]:
        return [(r.topic, r.partition, r.timestamp_ms) for r in self.records]


def replayed(
    days: list[HistoryDay], sent: Sent, note: Path | None = None, **options: object
) -> tuple[Replay, list[ReplayNotice]]:
    async def given() -> AsyncIterator[HistoryDay]:
        for day in days:
            yield day

    told: list[ReplayNotice] = []
    pace = options.pop("pace", None) or Pace(None, lambda: 0.0)
    now: Any = options.pop("now", lambda: NOW)
    replay = Replay(sent, pace, now, told.append, note, **options)  # type: ignore[arg-type]  # a stand-in
    asyncio.run(replay.run(given()))
    return replay, told


def day(on: date, *records: ArchivedRecord, topic: Topic = MOVES) -> HistoryDay:
    return HistoryDay(topic, on, list(records))


def test_a_range_picks_by_event_time_or_by_when_it_was_sent() -> None:
    late = moved(JULY_1 - timedelta(days=3), sent=JULY_1 + timedelta(hours=1))
    july = (JULY_1, JULY_1 + timedelta(days=31))

    assert not HistoryRange(*july, By.EVENT).holds(late)
    assert HistoryRange(*july, By.APPEND).holds(late)


def test_the_first_instant_of_a_range_is_in_it_and_the_first_after_it_is_not() -> None:
    july = HistoryRange(JULY_1, JULY_1 + timedelta(days=31))

    assert july.holds(moved(JULY_1))
    assert not july.holds(moved(JULY_1 + timedelta(days=31)))
    assert not july.holds(moved(JULY_1 - timedelta(milliseconds=1)))


def test_what_is_no_event_goes_by_when_it_was_sent() -> None:
    garbage = ArchivedRecord(0, 0, ms(JULY_1), None, b"\xff", ())

    assert HistoryRange(JULY_1, None).holds(garbage)
    assert not HistoryRange(None, JULY_1).holds(garbage)


def test_records_keep_time_partition_and_headers() -> None:
    sent = Sent()
    record = replace(moved(JULY_1, partition=3), headers=(("traceparent", b"00"),))

    replayed([day(JULY_1.date(), record)], sent)

    [one] = sent.records
    assert (one.partition, one.timestamp_ms, one.headers) == (3, ms(JULY_1), record.headers)
    assert (one.key, one.value) == (record.key, record.value)


def test_a_paced_day_goes_in_order_of_time_but_each_partition_in_its_own() -> None:
    hour = [JULY_1 + timedelta(hours=n) for n in range(4)]
    back = moved(hour[0], 1, partition=0)  # its clock was set back after the first
    records = [moved(hour[2], 0, partition=0), back, moved(hour[1], 0, 1), moved(hour[3], 1, 1)]
    sent, now = Sent(), [0.0]

    replayed([day(JULY_1.date(), *records)], sent, pace=Pace(1e12, lambda: now[0]))

    order = [(r.partition, r.timestamp_ms) for r in sent.records]
    assert order == [(1, ms(hour[1])), (0, ms(hour[2])), (0, ms(hour[0])), (1, ms(hour[3]))]


def test_targets_stay_out_where_a_run_has_its_own() -> None:
    days = [day(JULY_1.date(), moved(JULY_1), topic=TARGETS), day(JULY_1.date(), moved(JULY_1))]
    sent = Sent()

    replay, _ = replayed(days, sent, targets=False)

    assert [r.topic for r in sent.records] == [MOVES.name]
    assert replay.sent == 1


def test_it_goes_on_with_the_day_that_was_noted_where_records_have_no_offset(
    tmp_path: Path,
) -> None:
    note = tmp_path / "reached.json"
    days = [
        day((JULY_1 + timedelta(n)).date(), moved(JULY_1 + timedelta(n), -1)) for n in range(3)
    ]
    note.write_bytes(b'{"day":"2019-07-02","sent":1}')
    sent = Sent()

    replay, told = replayed(days, sent, note)

    assert [each.day.day for each in told] == [2, 3]
    assert replay.continues
    assert reached(note) == ReplayPosition(
        date(2019, 7, 3), 3, is_over=True
    )  # the first day's, too


def test_it_goes_on_by_offsets_so_that_a_day_that_comes_late_is_not_passed_over(
    tmp_path: Path,
) -> None:
    """An archive goes back in time where 2019 was loaded after 2020, into another partition."""
    note, july_2020 = tmp_path / "reached.json", JULY_1.replace(year=2020)
    newer = day(july_2020.date(), moved(july_2020, 3), moved(july_2020, 4))
    older = day(JULY_1.date(), moved(JULY_1, 0, partition=1))
    note.write_bytes(
        b'{"day":"2020-07-01","sent":1,"offsets":{"port.moves.raw":{"0":4}}}',
    )
    sent = Sent()

    replayed([newer, older], sent, note)

    assert sent.keys == [(MOVES.name, 0, ms(july_2020)), (MOVES.name, 1, ms(JULY_1))]
    offsets = {MOVES.name: {0: 5, 1: 1}}
    assert reached(note) == ReplayPosition(JULY_1.date(), 3, is_over=True, offsets=offsets)


def test_a_slow_replay_notes_how_far_it_is_by_the_time(tmp_path: Path) -> None:
    """Few events a day: 50,000 of them would be months."""
    note, now = tmp_path / "reached.json", [NOW]
    days = [day((JULY_1 + timedelta(n)).date(), moved(JULY_1 + timedelta(n), n)) for n in range(3)]
    seen: list[ReplayPosition | None] = []

    class Slow(Sent):
        async def send_encoded(self, record: Encoded) -> None:
            seen.append(reached(note))
            now[0] += timedelta(seconds=5)
            await super().send_encoded(record)

    replayed(days, Slow(), note, now=lambda: now[0])

    noted = [None if one is None else (one.day.day, one.sent) for one in seen]
    assert noted == [None, (2, 1), (3, 2)]


def test_a_record_ahead_of_this_machines_clock_is_named() -> None:
    ahead = moved(NOW + timedelta(hours=2), offset=7)

    with pytest.raises(StackError, match=r"offset 7 .*correct the clock"):
        replayed([day(NOW.date(), ahead)], Sent())


def test_nothing_sent_is_noted_as_nothing(tmp_path: Path) -> None:
    replay, _ = replayed([], Sent(), tmp_path / "reached.json")

    assert replay.sent == 0
    assert not (tmp_path / "reached.json").exists()


def test_an_hour_of_history_takes_a_second_at_3600(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    slept: list[float] = []
    start = ms(JULY_1)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(asyncio, "sleep", sleep)
    pace = Pace(3600, lambda: now[0])

    async def go() -> None:
        await pace.until(start)
        await pace.until(start + 3_600_000)

    asyncio.run(go())
    assert sum(slept) == pytest.approx(1.0, abs=0.06)
    assert pace.is_due(start + 3_600_000)
    assert not pace.is_due(start + 7_200_000)


def test_targets_of_other_years_neither_hold_a_paced_replay_back_nor_let_it_race(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two hours of history at 3,600 take two seconds, whenever its targets were set."""
    now = [100.0]
    told_at: list[float] = []

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    class Timed(Sent):
        async def send_encoded(self, record: Encoded) -> None:
            told_at.append(now[0])
            await super().send_encoded(record)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    days = [
        day(NOW.date(), moved(JULY_1 - timedelta(days=900)), moved(NOW, 1), topic=TARGETS),
        day(JULY_1.date(), *(moved(JULY_1 + timedelta(hours=n), n) for n in range(3))),
    ]
    sent = Timed()

    _, told = replayed(days, sent, pace=Pace(3600, lambda: now[0]))

    moves = [at for at, one in zip(told_at, sent.records, strict=True) if one.topic == MOVES.name]
    assert moves == pytest.approx([100.0, 101.0, 102.0], abs=0.11)
    assert sum(one.events for one in told) == 3
    assert len(told) > 1  # not at the day's end alone


def test_a_pause_does_not_count_as_time_gone_by(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    now, paused = [0.0], tmp_path / "paused"
    start = ms(JULY_1)

    async def sleep(seconds: float) -> None:
        now[0] += seconds
        if now[0] >= 50:
            paused.unlink(missing_ok=True)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    pace = Pace(1.0, lambda: now[0], paused)

    async def go() -> None:
        await pace.until(start)
        paused.touch()
        await pace.until(start + 10_000)

    asyncio.run(go())
    # 50 s of pause, then the 10 s of history
    assert now[0] == pytest.approx(60, abs=0.5)


def archive_of(folder: Path, *days: tuple[date, Topic, list[ArchivedRecord]]) -> ArchiveManifest:
    folder.mkdir()
    manifest = ArchiveManifest.read(folder)
    manifest.begin("c")
    for on, topic, records in days:
        end = records[-1].offset + 1
        spans = {0: OffsetSpan(records[0].offset, end, records[-1].timestamp, len(records))}
        manifest.add(parts.write(folder, topic.name, on, 0, records, spans))
    return manifest


def gathered(days: Days) -> list[tuple[str, date, int]]:
    async def go() -> list[tuple[str, date, int]]:
        return [(day.topic.name, day.on, len(day.records)) async for day in days]

    return asyncio.run(go())


@pytest.fixture
def july(tmp_path: Path) -> ArchiveManifest:
    """Moves of 1 and 2 July, a file of July's projects, a target set in 2026."""
    moves = [moved(JULY_1 + timedelta(days=n), n) for n in range(2)]
    projects = [moved(JULY_1 + timedelta(days=n, hours=1), n) for n in range(2)]
    return archive_of(
        tmp_path / "a",
        (date(2019, 7, 1), MOVES, moves[:1]),
        (date(2019, 7, 2), MOVES, moves[1:]),
        (date(2019, 7, 1), PROJECTS, projects),
        (date(2026, 11, 1), TARGETS, [moved(NOW)]),
    )


def test_an_archives_days_come_in_order_over_all_topics_and_targets_first(
    july: ArchiveManifest,
) -> None:
    days, left_out = archived(july.folder, HistoryRange(), allow_gaps=False)

    first, second = date(2019, 7, 1), date(2019, 7, 2)
    assert gathered(days) == [
        (TARGETS.name, NOW.date(), 1),
        (PROJECTS.name, first, 1),
        (MOVES.name, first, 1),
        (PROJECTS.name, second, 1),
        (MOVES.name, second, 1),
    ]
    assert left_out == []


def test_a_range_leaves_out_what_is_not_in_it_but_never_targets(july: ArchiveManifest) -> None:
    days, _ = archived(
        july.folder, HistoryRange(JULY_1 + timedelta(days=1), None), allow_gaps=False
    )

    assert gathered(days) == [
        (TARGETS.name, NOW.date(), 1),
        (PROJECTS.name, date(2019, 7, 2), 1),
        (MOVES.name, date(2019, 7, 2), 1),
    ]


def test_a_file_is_looked_into_only_where_the_range_cuts_it(tmp_path: Path) -> None:
    """Sent at noon and at 18:00 of 1 July, the second one of what happened at 06:00."""
    noon, evening = (JULY_1 + timedelta(hours=hour) for hour in (12, 18))
    late = moved(JULY_1 + timedelta(hours=6), 1, sent=evening)
    [part] = archive_of(tmp_path / "a", (JULY_1.date(), MOVES, [moved(noon), late])).parts

    assert HistoryRange().holds_all_of(part)
    assert HistoryRange(JULY_1 + timedelta(hours=6), evening + timedelta(seconds=1)).holds_all_of(
        part
    )
    assert not HistoryRange(noon).holds_all_of(part)  # the second happened before
    assert HistoryRange(noon, by=By.APPEND).holds_all_of(part)
    assert not HistoryRange(None, evening, By.APPEND).holds_all_of(part)
    days, _ = archived(tmp_path / "a", HistoryRange(noon), allow_gaps=False)
    assert gathered(days) == [(MOVES.name, JULY_1.date(), 1)]


def test_a_range_before_the_archive_begins_says_what_there_is(july: ArchiveManifest) -> None:
    with pytest.raises(Misconfigured, match="2019-07-01 to 2019-07-02"):
        archived(july.folder, HistoryRange(None, JULY_1 - timedelta(days=30)), allow_gaps=False)


def test_a_missing_day_is_named_and_left_out_only_where_that_is_allowed(
    july: ArchiveManifest,
) -> None:
    (july.folder / july.parts[0].path).unlink()

    with pytest.raises(StackError, match=r"port.moves.raw, 2019-07-01: .* is missing"):
        archived(july.folder, HistoryRange(), allow_gaps=False)
    days, left_out = archived(july.folder, HistoryRange(), allow_gaps=True)
    assert (MOVES.name, date(2019, 7, 1), 1) not in gathered(days)
    assert len(left_out) == 1


def test_a_missing_day_outside_the_range_is_nobodys_business(july: ArchiveManifest) -> None:
    (july.folder / july.parts[0].path).unlink()

    days, left_out = archived(july.folder, HistoryRange(JULY_1 + timedelta(1)), allow_gaps=False)

    assert len(gathered(days)) == 3
    assert left_out == []


def test_a_folder_without_a_manifest_is_no_archive(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no archive"):
        archived(tmp_path, HistoryRange(), allow_gaps=False)
