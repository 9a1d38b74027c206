from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from contract.targets import read_targets
from contract.wire import decode, encode
from producers.targets import targets_set

ROOT = Path(__file__).parents[3]
TARGETS = read_targets((ROOT / "targets.toml").read_text(encoding="utf-8"), "targets.toml")
MONDAY, TUESDAY = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 6, tzinfo=UTC)


def test_an_unchanged_target_is_the_same_event_and_a_changed_one_another() -> None:
    raised = tuple(replace(target, value=target.value + Decimal(1)) for target in TARGETS)

    first, again = list(targets_set(TARGETS, MONDAY)), list(targets_set(TARGETS, TUESDAY))
    changed = list(targets_set(raised, TUESDAY))

    assert [event.id for event in first] == [event.id for event in again]
    assert not {event.id for event in first} & {event.id for event in changed}


def test_a_target_reads_back_as_it_stands_in_the_file() -> None:
    events = list(targets_set(TARGETS, MONDAY))

    assert [encode(decode(encode(event))) for event in events] == [encode(e) for e in events]
    assert [event.data.value for event in events][:1] == [Decimal(1_100_000)]
    assert {(event.time, event.recordedtime) for event in events} == {(MONDAY, MONDAY)}
