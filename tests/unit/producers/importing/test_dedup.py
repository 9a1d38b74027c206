"""What stands is the same whether a record is in memory, in the table or of another process."""

import sqlite3
from collections.abc import Callable

import pytest

from producers.importing import dedup
from producers.importing.dedup import Dedup, DedupOutcome, Reported, StandingRecord

KEYS = range(50)


def record(
    key: int,
    recorded_ms: int,
    content: int = 1,
    box: int = 7,
    reported: Reported = Reported.NOTHING,
) -> StandingRecord:
    """A move of 2026 that adds one TEU."""
    return StandingRecord(key, recorded_ms, content, box, 2026, 1, 100, reported)


def in_memory(_: sqlite3.Connection, first: Dedup) -> Dedup:
    return first


def in_the_table(_: sqlite3.Connection, first: Dedup) -> Dedup:
    first.flush()
    return first


def of_another_process(database: sqlite3.Connection, first: Dedup) -> Dedup:
    first.flush()
    return Dedup(database)


@pytest.mark.parametrize("kept", [in_memory, in_the_table, of_another_process])
def test_a_later_record_is_judged_by_the_one_that_stands(
    kept: Callable[[sqlite3.Connection, Dedup], Dedup],
) -> None:
    database = sqlite3.connect(":memory:")
    first = Dedup(database)
    for key in KEYS:
        assert (
            first.post(record(key, 1_000, reported=Reported.ORIGINAL)).outcome
            is DedupOutcome.FIRST
        )
    standing = kept(database, first)

    outcomes = [
        standing.post(record(0, 1_000)).outcome,  # the same again
        standing.post(record(1, 1_000, content=2)).outcome,  # other content of the same instant
        standing.post(record(2, 999, content=2)).outcome,  # older than what stands
        standing.post(record(3, 1_001)).outcome,  # newer, and says the same
        standing.post(record(4, 1_001, content=2)).outcome,  # newer, and says something else
        standing.post(record(5, 1_001, box=8)).outcome,  # of another container
        standing.post(record(50, 1_000)).outcome,  # of an event that nobody read
    ]
    assert outcomes == [
        "repeat",
        "conflict",
        "outdated",
        "confirmed",
        "amended",
        "conflict",
        "first",
    ]
    # The newer record of event 4 stands now, so the first one is outdated.
    assert standing.post(record(4, 1_000)).outcome is DedupOutcome.OUTDATED


def test_records_are_found_once_so_many_wait_that_they_are_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dedup, "UNWRITTEN", 20)
    database = sqlite3.connect(":memory:")
    standing = Dedup(database)
    for key in KEYS:
        standing.post(record(key, 1_000))
    written = database.execute("SELECT COUNT(*) FROM stands").fetchone()[0]

    assert written == 40  # twice 20 of 50
    assert {standing.post(record(key, 1_000)).outcome for key in KEYS} == {DedupOutcome.REPEAT}


def test_an_older_report_is_known_though_it_does_not_stand() -> None:
    database = sqlite3.connect(":memory:")
    first = Dedup(database)
    first.post(record(1, 1_000, content=2, reported=Reported.CHANGE))
    first.flush()
    first.post(record(1, 999, reported=Reported.ORIGINAL))  # outdated, and yet the original
    first.flush()

    assert Dedup(database).reported(1) == Reported.ORIGINAL | Reported.CHANGE
    assert Dedup(database).reported(2) is Reported.NOTHING
