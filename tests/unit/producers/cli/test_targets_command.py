"""What is sent of targets.toml: only what differs, dated after what it replaces, and signed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from contract.events import Target, TargetSet
from contract.target_changes import changes, newest
from contract.target_file import read_targets
from contract.wire import decode, encode
from producers.cli.targets_command import targets_set

ROOT = Path(__file__).parents[4]
TARGETS = read_targets((ROOT / "targets.toml").read_text(encoding="utf-8"), "targets.toml")
MONDAY, TUESDAY = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 6, tzinfo=UTC)


def sent(
    wanted: tuple[Target, ...],
    standing: list[TargetSet],
    now: datetime,
    changed_at: datetime = MONDAY,
) -> list[TargetSet]:
    found = changes(wanted, newest(standing))
    return list(targets_set(found, changed_at, now, "anna", "targets.toml"))


def test_what_stands_is_not_sent_again_and_a_change_is_another_event() -> None:
    first = sent(TARGETS, [], MONDAY)
    raised = (replace(TARGETS[0], value=Decimal(1_200_000)), *TARGETS[1:])

    assert sent(TARGETS, first, TUESDAY) == []
    (changed,) = sent(raised, first, TUESDAY)
    assert changed.data.value == Decimal(1_200_000)
    assert changed.id not in {event.id for event in first}
    assert newest([*first, changed])[changed.data.key] == changed


def test_the_same_change_sent_twice_is_one_event() -> None:
    first, again = sent(TARGETS, [], MONDAY), sent(TARGETS, [], TUESDAY)

    assert [event.id for event in first] == [event.id for event in again]


def test_a_target_that_left_the_file_is_withdrawn_with_what_it_was() -> None:
    first = sent(TARGETS, [], MONDAY)

    (gone,) = sent(TARGETS[1:], first, TUESDAY)

    assert gone.data == replace(TARGETS[0], withdrawn=True)
    assert sent(TARGETS[1:], [*first, gone], TUESDAY) == []


def test_an_event_says_who_when_and_from_which_file() -> None:
    event = sent(TARGETS, [], TUESDAY)[0]

    assert (event.source, event.subject) == ("/quaymark/targets/anna", "targets.toml")
    assert (event.time, event.recordedtime) == (MONDAY, TUESDAY)
    assert sent(TARGETS, [], MONDAY, changed_at=TUESDAY)[0].time == MONDAY


def test_a_record_is_newer_than_what_it_replaces_whatever_the_clock_says() -> None:
    first = sent(TARGETS, [], TUESDAY)

    (gone,) = sent(TARGETS[1:], first, MONDAY)

    assert gone.recordedtime == TUESDAY + timedelta(milliseconds=1)


def test_a_target_reads_back_as_it_stands_in_the_file() -> None:
    events = sent(TARGETS, [], MONDAY)

    assert [decode(encode(event)) for event in events] == events
    assert events[0].data.value == Decimal(1_100_000)
