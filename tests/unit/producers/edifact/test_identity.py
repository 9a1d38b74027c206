"""What identifies a move: sequences of messages, together or apart, in any order, and periods."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.book import Partner
from contract.events import EquipmentEvent, RawEvent
from contract.wire import encode
from ledger.move_ledger import MoveLedger
from producers.edifact.identity import (
    EDGE_DAYS,
    PERIOD_DAYS,
    MoveParts,
    identity,
    is_reference,
)
from tests.unit.ledger.records import Raw
from tests.unit.producers.edifact.sequences import BOX, SEQUENCES, Message, MessageSequence
from tests.unit.producers.imported import BOOK, FIXTURES, NOW, Imported, imported, terms

PAGE = FIXTURES.parents[1] / "docs" / "decisions" / "identity-of-a-move.md"
STAMP = round(NOW.timestamp() * 1000)


def together(
    folder: Path,
    *messages: Message,
    partner: Partner | None = None,
    booked: Sequence[RawEvent] | None = None,
) -> Imported:
    """Messages imported in one run; `booked` is what the raw topic holds by then."""
    book = BOOK if partner is None else msgspec.structs.replace(BOOK, partner=(partner,))
    paths = []
    for n, message in enumerate(messages):
        paths.append(folder / f"{n}.edi")
        paths[-1].write_text(message.text())
    return imported(paths, book=book, booked=booked)


def books(*runs: Imported) -> tuple[int, int]:
    """Moves and hundredths of a TEU in the worker's books, of what these runs sent in order."""
    ledger = MoveLedger(0, BOOK)
    events = [event for run in runs for event in run.events]
    ledger.take(Raw(n, encode(event), STAMP) for n, event in enumerate(events))
    cells = [cell for day in ledger.snapshots() for cell in day.classes]
    return sum(cell.moves for cell in cells), sum(cell.hundredths for cell in cells)


@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda sequence: sequence.title)
def test_a_sequence_makes_its_moves(tmp_path: Path, sequence: MessageSequence) -> None:
    done = together(tmp_path, *sequence.messages)

    summary = done.summary
    assert (summary["moves"], summary["teu"]) == (sequence.moves, sequence.hundredths / 100)
    assert books(done) == (sequence.moves, sequence.hundredths)
    assert (summary["amended"], summary["retracted"]) == (sequence.amended, sequence.retracted)
    assert summary["flagged"].get("no_original", 0) == sequence.no_original
    assert summary["rejected"] == {"total": 0}


@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda sequence: sequence.title)
def test_the_order_of_its_files_makes_no_difference(
    tmp_path: Path, sequence: MessageSequence
) -> None:
    for messages in permutations(sequence.messages):
        done = together(tmp_path, *messages)

        assert done.summary["moves"] == sequence.moves
        assert done.summary["retracted"] <= sequence.retracted
        assert books(done) == (sequence.moves, sequence.hundredths)


@pytest.mark.parametrize(
    "sequence",
    [sequence for sequence in SEQUENCES if not sequence.by_number],
    ids=lambda sequence: sequence.title,
)
def test_an_import_of_each_file_alone_makes_the_same_books(
    tmp_path: Path, sequence: MessageSequence
) -> None:
    """By number, only the files together or the raw topic show which original is meant."""
    runs = [together(tmp_path, message) for message in sequence.messages]

    for some in permutations(runs):
        assert books(*some) == (sequence.moves, sequence.hundredths)
        assert books(*some, *some) == (sequence.moves, sequence.hundredths)


@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda sequence: sequence.title)
def test_imports_one_after_another_find_the_originals_in_the_raw_topic(
    tmp_path: Path, sequence: MessageSequence
) -> None:
    runs: list[Imported] = []
    for message in sequence.messages:
        events = [event for run in runs for event in run.events]
        runs.append(together(tmp_path, message, booked=events))

    assert books(*runs) == (sequence.moves, sequence.hundredths)
    flags = sum(run.summary["flagged"].get("no_original", 0) for run in runs)
    assert flags == sequence.no_original
    assert sum(run.summary["retracted"] for run in runs) == sequence.retracted


def test_a_second_change_alone_finds_the_first_in_the_raw_topic(tmp_path: Path) -> None:
    change = Message(move="GTIN", function="4", refers="D1")
    runs: list[Imported] = []
    for message in (
        Message(move="GTIN"),
        change._replace(at="202603050412", prepared="260305:1015", document="D2"),
        change._replace(at="202603050512", prepared="260305:1115", document="D3"),
    ):
        events = [event for run in runs for event in run.events]
        runs.append(together(tmp_path, message, booked=events))

    assert books(*runs) == (1, 0)


def test_what_the_books_lack_is_said_with_what_becomes_of_it(tmp_path: Path) -> None:
    done = together(tmp_path, Message(function="1"), booked=[])

    (item,) = done.items("flagged")
    assert item["message"] == (
        f"cancels the DISC of {BOX}; neither these files nor the books hold a report of it, "
        "so nothing is taken back"
    )
    assert done.summary["retracted"] == 0


def test_the_decision_page_shows_the_twelve_sequences() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert len(SEQUENCES) == 12
    for n, sequence in enumerate(SEQUENCES, 1):
        assert f"| {n} | {sequence.title} | " in page
        (line,) = [line for line in page.splitlines() if line.startswith(f"| {n} |")]
        assert line.endswith(f"| {sequence.moves} | {sequence.hundredths / 100:g} |")


# with 90 days before and behind, all of it is in the 400 days that the books are open
EPOCH = datetime(2026, 2, 15, tzinfo=UTC)
EARLY = datetime(2025, 11, 1, tzinfo=UTC)
minutes = st.integers(0, 180 * 1440)


def lift(at: datetime, prepared: datetime, **said: str) -> Message:
    local = at + timedelta(hours=8)  # the partner writes Shanghai's time
    return Message(
        at=f"{local:%Y%m%d%H%M}",
        prepared=f"{prepared + timedelta(hours=8):%y%m%d:%H%M}",
        **said,
    )


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(minutes, st.integers(-EDGE_DAYS * 1440, EDGE_DAYS * 1440), st.booleans())
def test_reports_of_one_lift_up_to_three_days_apart_are_one_wherever_a_period_ends(
    tmp_path: Path, minute: int, apart: int, swapped: bool
) -> None:
    first = EPOCH + timedelta(minutes=minute)
    second = first + timedelta(minutes=apart)
    made = max(first, second) + timedelta(hours=1)
    runs = [
        together(tmp_path, lift(first, made, document="D1")),
        together(tmp_path, lift(second, made + timedelta(hours=1), document="D2")),
    ]

    assert books(*(reversed(runs) if swapped else runs)) == (1, 100)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    minutes,
    st.integers(-PERIOD_DAYS * 1440, PERIOD_DAYS * 1440),
    st.sampled_from("1345"),
    st.booleans(),
)
def test_a_correction_finds_its_lift_though_it_moves_it_by_up_to_ninety_days(
    tmp_path: Path, minute: int, apart: int, function: str, swapped: bool
) -> None:
    first = EPOCH + timedelta(minutes=minute)
    second = first + timedelta(minutes=apart)
    made = max(first, second) + timedelta(hours=1)
    runs = [
        together(tmp_path, lift(first, made)),
        together(
            tmp_path, lift(second, made + timedelta(hours=1), function=function, size="42G1")
        ),
    ]

    expected = (0, 0) if function in "13" else (1, 200)
    assert books(*(reversed(runs) if swapped else runs)) == expected


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.integers(0, 100 * 1440), st.integers(0, 40 * 1440), st.permutations(range(4)))
def test_lifts_half_a_year_apart_are_two_though_both_are_corrected(
    tmp_path: Path, minute: int, more: int, order: list[int]
) -> None:
    first = EARLY + timedelta(minutes=minute)
    second = first + timedelta(days=2 * PERIOD_DAYS, minutes=more)
    hour = timedelta(hours=1)
    runs = [
        together(tmp_path, lift(first, first + hour)),
        together(tmp_path, lift(second, second + hour)),
        together(tmp_path, lift(first, first + 2 * hour, function="4", size="42G1")),
        together(tmp_path, lift(second, second + 2 * hour, function="5", size="L5G1")),
    ]

    # 40 ft and 45 ft: 2 + 2.25
    assert books(*(runs[n] for n in order)) == (2, 425)


def test_only_reports_near_an_edge_name_a_second_id() -> None:
    named = 0
    for day in range(PERIOD_DAYS):
        at = EPOCH + timedelta(days=day)
        parts = MoveParts(EquipmentEvent.DISC, "THE", BOX, "9412345", "031E", at)
        named += len(identity(parts, "move", corrects=False).edges)

    assert named == 2 * EDGE_DAYS


@pytest.mark.parametrize(
    ("document", "can"),
    [
        ("D1", True),
        ("2026030502", True),
        ("", False),
        ("UNLOADING REPORT", False),
        ("0000000000", False),
        ("N/A", False),
        (BOX, False),
        (BOX.lower(), False),
    ],
)
def test_a_text_zeros_or_the_containers_number_name_no_document(document: str, can: bool) -> None:
    assert is_reference(document, BOX) is can


EAST = BOOK.partner[0]


def test_by_the_profile_moves_are_known_by_their_time(tmp_path: Path) -> None:
    partner = msgspec.structs.replace(EAST, identity="time")
    # another voyage in the same minute is the same lift, the same voyage an hour later another
    done = together(
        tmp_path,
        Message(),
        Message(document="D2", voyage="QT7", prepared="260305:0930"),
        Message(document="D3", at="202603050312", prepared="260305:0930"),
        partner=partner,
    )

    assert done.summary["moves"] == 2


def test_by_the_profile_moves_are_known_by_their_document(tmp_path: Path) -> None:
    partner = msgspec.structs.replace(EAST, identity="document")
    done = together(
        tmp_path,
        Message(),
        Message(function="5", voyage="032E", at="202603090212", prepared="260310:0915"),
        Message(document="D2", prepared="260305:0930"),
        partner=partner,
    )

    assert done.summary["moves"] == 2  # D1, replaced, and D2
    assert [event.id for event in done.moves] == [
        f"D1|{BOX}|DISC",
        f"D1|{BOX}|DISC",
        f"D2|{BOX}|DISC",
    ]


def test_by_the_profile_document_numbers_match_no_correction(tmp_path: Path) -> None:
    partner = msgspec.structs.replace(EAST, document_numbers_repeat=True)
    change = {"function": "4", "at": "202603050412", "prepared": "260305:1015"}
    messages = Message(move="GTIN", voyage=""), Message(move="GTIN", voyage="", **change)
    done = together(tmp_path, *messages, partner=partner)

    assert done.summary["moves"] == 2
    assert done.summary["flagged"] == {"no_original": 1, "total": 1}


def test_a_number_of_several_reports_matches_no_correction(tmp_path: Path) -> None:
    done = together(
        tmp_path,
        Message(document="7", move="GTIN"),
        Message(document="7", move="GTIN", at="202603060212", prepared="260306:0915"),
        Message(document="7", move="GTIN", function="1", at="", prepared="260306:1015"),
    )

    assert (done.summary["moves"], done.summary["retracted"]) == (2, 0)
    (item,) = done.items("flagged")
    assert "these files hold no report of it" in item["message"]


def test_a_correction_of_a_correction_replaces_only_what_stands(tmp_path: Path) -> None:
    change = Message(move="GTIN", function="4", refers="D1")
    done = together(
        tmp_path,
        Message(move="GTIN"),
        change._replace(at="202603050412", prepared="260305:1015", document="D2"),
        change._replace(at="202603050512", prepared="260305:1115", document="D3"),
    )

    assert (done.summary["moves"], done.summary["amended"]) == (1, 2)


def test_a_change_without_an_original_counts_and_is_flagged(tmp_path: Path) -> None:
    done = together(tmp_path, Message(function="5"))

    assert done.summary["moves"] == 1
    assert done.summary["flagged"] == {"no_original": 1, "total": 1}
    assert "counts as a move of its own" in done.items("flagged")[0]["message"]


def test_the_same_files_imported_again_after_the_ids_changed_retract_the_old_ids(
    tmp_path: Path,
) -> None:
    old = together(tmp_path, Message(), partner=msgspec.structs.replace(EAST, identity="document"))
    path = tmp_path / "again.edi"
    path.write_text(Message().text())

    plain = imported([path])
    retracting = imported([path], terms(retract_old_ids=True))

    assert books(old, plain) == (2, 200)  # as two moves
    assert books(old, plain, retracting) == books(retracting, old) == (1, 100)
