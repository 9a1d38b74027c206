"""The books of one partition: what a move does to the sums, worked by hand from the rules."""

from datetime import date

import msgspec
import pytest

from contract.book import read_book
from contract.errors import Reason
from contract.events import ContainerMoved, Fill, MoveRetracted
from contract.snapshots import ClassSum, TerminalDay
from contract.wire import encode
from ledger.move_ledger import BatchResult, MoveLedger
from tests.unit.ledger.records import (
    BOOK,
    NOW,
    Raw,
    at,
    book_with,
    in_binary_mode,
    moved,
    retracted,
    topic,
)

MARCH_1 = date(2026, 3, 1)
LATER = "2026-03-02T00:00:00Z"


def books(*events: ContainerMoved | MoveRetracted) -> MoveLedger:
    ledger = MoveLedger(0, BOOK)
    ledger.take(topic(events))
    return ledger


def taken(
    *events: ContainerMoved | MoveRetracted, ledger: MoveLedger | None = None
) -> BatchResult:
    ledger = ledger or MoveLedger(0, BOOK)
    return ledger.take(topic(events))


def total(ledger: MoveLedger) -> tuple[int, int]:
    """Moves and hundredths of all days."""
    classes = [c for day in ledger.snapshots() for c in day.classes]
    return sum(c.moves for c in classes), sum(c.hundredths for c in classes)


def day(ledger: MoveLedger, on: date = MARCH_1, terminal: str = "THE") -> TerminalDay:
    return ledger.snapshot(terminal, on)


def test_a_move_counts_in_its_class_its_hour_and_its_day() -> None:
    # 08:00 in Shanghai = hour 8; a laden 20 ft = 1.00 TEU
    assert day(books(moved("a"))) == TerminalDay(
        area="tonghai",
        terminal="THE",
        on=MARCH_1,
        partition=0,
        offset=0,
        classes=(ClassSum("LOAD", "normal", Fill.LADEN, "20", 1, 100),),
        hours=(0,) * 8 + (100,) + (0,) * 15,
        newest=at("2026-03-01T00:00:00+00:00"),
    )


def test_1_the_same_source_and_id_counts_once_in_one_batch_and_in_two() -> None:
    ledger = MoveLedger(0, BOOK)
    first = ledger.take(topic([moved("a"), moved("a")]))
    second = ledger.take(topic([moved("a")], first=2))

    assert total(ledger) == (1, 100)
    assert (first.tally.booked, first.tally.repeats) == (1, 1)
    assert (second.tally.booked, second.tally.repeats) == (0, 1)
    assert second.puts == []
    assert not second.refusals


def test_the_same_id_of_two_sources_is_two_events() -> None:
    assert total(books(moved("a"), moved("a", source="/tonghai/THC"))) == (2, 200)


@pytest.mark.parametrize("batches", [1, 2])
def test_2_other_content_without_a_newer_record_is_refused_and_both_are_shown(
    batches: int,
) -> None:
    ledger = MoveLedger(0, BOOK)
    records = topic([moved("a"), moved("a", size="45G1")])
    results = [ledger.take(records)] if batches == 1 else [ledger.take([r]) for r in records]

    (refusal,) = results[-1].refusals
    assert (refusal.offset, refusal.reason, refusal.counted) == (1, Reason.CONFLICT, False)
    assert "20 ft (1.00 TEU)" in refusal.error
    assert "40 ft (2.00 TEU)" in refusal.error
    assert total(ledger) == (1, 100)


def test_of_two_amendments_of_one_moment_the_first_counts_and_the_second_is_rejected() -> None:
    later = "2026-03-02T09:00:00+08:00"
    result = taken(
        moved("a"),
        moved("a", size="45G1", recorded=later),
        moved("a", size="L5G1", recorded=later),
    )

    assert [(r.offset, r.reason) for r in result.refusals] == [(2, Reason.CONFLICT)]
    assert (result.tally.booked, result.tally.amended) == (1, 1)


def test_3_a_retraction_subtracts_and_an_amendment_replaces() -> None:
    ledger = books(moved("a"), moved("b"), moved("c"))
    result = ledger.take(
        topic([retracted("a"), moved("b", size="L5G1", recorded="2026-03-02T09:00:00+08:00")], 3)
    )

    assert total(ledger) == (2, 325)  # b is now a 45 ft = 2.25, c a 20 ft
    assert (result.tally.retracted, result.tally.amended) == (1, 1)


@pytest.mark.parametrize("apart", [False, True])
def test_4_a_retraction_before_its_original_keeps_it_out(apart: bool) -> None:
    ledger = MoveLedger(0, BOOK)
    records = topic([retracted("a"), moved("a"), moved("a", recorded="2026-03-09T00:00:00Z")])
    for batch in [[r] for r in records] if apart else [records]:
        ledger.take(batch)

    assert total(ledger) == (0, 0)


def test_4_dcsa_3_retracts_by_the_newest_record_even_when_it_comes_first() -> None:
    gone = moved("a", retracted=True, recorded="2026-03-02T00:00:00Z")
    back = moved("a", size="45G1", recorded="2026-03-03T00:00:00Z")

    assert total(books(gone, moved("a"))) == (0, 0)
    assert total(books(moved("a"), gone)) == (0, 0)
    assert total(books(gone, moved("a"), back)) == (1, 200)
    assert total(books(back, gone, moved("a"))) == (1, 200)


def test_5_a_late_move_counts_on_its_own_day() -> None:
    result = taken(
        moved("a", "2026-03-01T12:00:00+08:00"), moved("b", "2026-03-09T00:00:00+08:00")
    )

    assert {on for _, on in result.touched} == {MARCH_1, date(2026, 3, 9)}
    assert result.tally.late == 1  # today is 10 March: the 9th was yesterday


@pytest.mark.parametrize(
    ("time", "on", "hour"),
    [
        ("2025-12-31T15:59:59Z", date(2025, 12, 31), 23),
        ("2025-12-31T16:00:00Z", date(2026, 1, 1), 0),  # midnight in Shanghai
        ("2024-02-29T16:30:00+08:00", date(2024, 2, 29), 16),
        ("2024-02-28T16:00:00Z", date(2024, 2, 29), 0),
    ],
)
def test_7_the_day_begins_in_the_ports_zone(time: str, on: date, hour: int) -> None:
    ledger = MoveLedger(0, book_with(open_days=4000))
    ledger.take(topic([moved("a", time, recorded=time)]))

    (snapshot,) = ledger.snapshots()
    assert snapshot.on == on
    assert snapshot.hours[hour] == 100


def test_the_day_of_a_zone_with_summer_time_follows_its_clock() -> None:
    # New York: 2026-03-08 07:00Z is 03:00 EDT (02:00 EST + 1); 04:30Z is still 7 March, 23:30 EST
    ledger = MoveLedger(0, book_with(time_zone="America/New_York"))
    ledger.take(topic([moved("a", "2026-03-08T07:00:00Z"), moved("b", "2026-03-08T04:30:00Z")]))

    assert day(ledger, date(2026, 3, 8)).hours[3] == 100
    assert day(ledger, date(2026, 3, 7)).hours[23] == 100
    assert day(ledger, date(2026, 3, 8)).newest == at("2026-03-08T07:00:00Z")


def test_8_a_move_of_unknown_size_counts_without_teu_and_a_copy_is_set_aside() -> None:
    result = taken(
        moved("a", size="0000"), moved("b", size=None), ledger=(ledger := MoveLedger(0, BOOK))
    )

    assert day(ledger).classes == (ClassSum("LOAD", "normal", Fill.LADEN, "unknown", 2, 0),)
    assert [(r.offset, r.reason, r.counted) for r in result.refusals] == [
        (0, Reason.UNKNOWN_SIZE, True),
        (1, Reason.UNKNOWN_SIZE, True),
    ]
    assert result.tally.flagged == {"unknown_size": 2}


def test_8_the_size_may_come_later() -> None:
    ledger = books(moved("a", size=None))
    ledger.take(topic([moved("a", recorded="2026-03-02T00:00:00Z")], 1))

    assert day(ledger).classes == (ClassSum("LOAD", "normal", Fill.LADEN, "20", 1, 100),)


def test_9_a_high_cube_of_40_feet_is_two_teu_and_a_45_feet_box_two_and_a_quarter() -> None:
    assert [(c.size, c.hundredths) for c in day(books(moved("a", size="45G1"))).classes] == [
        ("40", 200)
    ]
    assert [(c.size, c.hundredths) for c in day(books(moved("a", size="L5G1"))).classes] == [
        ("45", 225)
    ]


def test_10_and_11_a_missing_or_wrong_container_number_is_flagged_and_counted() -> None:
    result = taken(
        moved("a", number=None),
        moved("b", number="CSQU3054384"),
        moved("c", number="CSQU30543"),
        moved("d"),
        ledger=(ledger := MoveLedger(0, BOOK)),
    )

    assert total(ledger) == (4, 400)
    assert result.tally.flagged == {
        "no_container_number": 1,
        "check_digit": 1,
        "not_an_iso_number": 1,
    }


def test_12_a_restow_is_a_move_without_teu_and_what_stays_on_board_is_none() -> None:
    result = taken(
        moved("a", status=5), moved("b", status=4), moved("c", status=7), moved("d", status=8),
        ledger=(ledger := MoveLedger(0, BOOK)),
    )  # fmt: skip

    assert day(ledger).classes == (
        ClassSum("LOAD", "normal", Fill.LADEN, "20", 1, 100),  # d: overlanded counts
        ClassSum("LOAD", "restow", Fill.LADEN, "20", 1, 0),
    )
    assert result.tally.uncounted == {"remain_on_board": 1, "shortlanded": 1}
    assert result.tally.booked == 4


def test_13_of_a_transhipment_both_lifts_count_and_the_truck_leg_does_not() -> None:
    ledger = books(
        moved("a", event="DISC", transhipment=True),
        moved("b", event="GTOT", transhipment=True, mode="TRUCK"),
        moved("c", event="GTIN", mode="TRUCK", terminal="THC"),
        moved("d", event="LOAD", status=6, terminal="THC", mode="BARGE"),
    )

    assert total(ledger) == (4, 200)
    assert day(ledger).classes[0] == ClassSum("DISC", "transhipment", Fill.LADEN, "20", 1, 100)
    assert day(ledger, terminal="THC").classes == (
        ClassSum("LOAD", "transhipment", Fill.LADEN, "20", 1, 100),
        ClassSum("GTIN", "normal", Fill.LADEN, "20", 1, 0),
    )


def test_expected_moves_and_other_events_are_booked_in_no_sum_and_can_become_actual() -> None:
    result = taken(
        moved("a", "2026-04-01T00:00:00Z", classifier="EST", terminal="ZZZ"),
        moved("b", classifier="PLN"),
        moved("c", event="STUF", terminal="YYY"),
        moved("d", mode="RAIL"),
        moved("e", facility_type="DEPO"),
        ledger=(ledger := MoveLedger(0, BOOK)),
    )

    assert (result.refusals, result.tally.booked, total(ledger)) == ([], 5, (0, 0))
    assert result.tally.uncounted == {
        "not_actual": 2,
        "not_a_port_move": 1,
        "not_by_water": 1,
        "not_at_a_port_terminal": 1,
    }

    ledger.take(topic([moved("a", recorded="2026-03-05T00:00:00Z")], 5))
    assert total(ledger) == (1, 100)


@pytest.mark.parametrize(
    ("amended", "left", "moved_to"),
    [
        (moved("a", "2025-12-31T12:00:00+08:00", recorded=LATER), [], (date(2025, 12, 31), "THE")),
        (moved("a", terminal="THW", recorded=LATER), [], (MARCH_1, "THW")),
        (moved("a", event="DISC", recorded=LATER), ["DISC"], (MARCH_1, "THE")),
    ],
)
def test_an_amendment_moves_a_move_to_another_year_terminal_or_direction(
    amended: ContainerMoved, left: list[str], moved_to: tuple[date, str]
) -> None:
    ledger = books(moved("a"))
    result = ledger.take(topic([amended], 1))

    assert [c.move for c in day(ledger).classes] == left
    on, terminal = moved_to
    assert sum(c.hundredths for c in day(ledger, on, terminal).classes) == 100
    assert {(place.terminal, on) for place, on in result.touched} == {
        ("THE", MARCH_1),
        (terminal, on),
    }


def test_the_newest_move_of_a_day_falls_back_when_it_is_retracted() -> None:
    ledger = books(
        moved("a", "2026-03-01T08:00:00+08:00"),
        moved("b", "2026-03-01T10:30:00+08:00"),
        moved("c", "2026-03-01T12:00:00+08:00", event="GTIN"),  # no move over the quay
    )
    assert day(ledger).newest == at("2026-03-01T10:30:00+08:00")

    ledger.take(topic([retracted("b")], 3))
    assert day(ledger).newest == at("2026-03-01T08:00:00+08:00")

    ledger.take(topic([retracted("a")], 4))
    assert day(ledger).newest == at("2026-03-01T00:00:00+08:00")  # none: the day's first instant


def test_an_alias_books_under_its_terminal() -> None:
    text = """
[port]
time_zone = "Asia/Shanghai"
un_location_code = "CNNTG"
[[area]]
code = "tonghai"
name = { zh = "通", en = "T" }
[[area.terminal]]
code = "THE"
name = { zh = "东", en = "East" }
aliases = ["CNTHE"]
[zone]
code = "haimen"
name = { zh = "海", en = "H" }
clusters = {}
functional_areas = {}
"""
    ledger = MoveLedger(0, read_book(text, "test.toml"))
    ledger.take(topic([moved("a", terminal="CNTHE"), moved("b")]))

    assert len(list(ledger.snapshots())) == 1
    assert total(ledger) == (2, 200)


@pytest.mark.parametrize(
    ("value", "reason", "expected"),
    [
        (None, Reason.UNDECODABLE, "no value"),
        (b"\xff\xfe", Reason.UNDECODABLE, "not JSON"),
        (b"", Reason.UNDECODABLE, "not JSON"),
        (b'{"x":' + b"[" * 100_000, Reason.UNDECODABLE, "nested too deeply"),
        (b" " * (1 << 20) + b"{}", Reason.TOO_LARGE, "split"),
        (b'{"type":"x"}', Reason.UNKNOWN_EVENT_TYPE, "$.type"),
    ],
)
def test_a_bad_record_is_refused_and_the_others_are_booked(
    value: bytes | None, reason: Reason, expected: str
) -> None:
    ledger = MoveLedger(0, BOOK)
    good = topic([moved("a"), moved("b")])
    result = ledger.take([good[0], Raw(1, value), Raw(2, good[1].value)])

    (refusal,) = result.refusals
    assert (refusal.offset, refusal.reason) == (1, reason)
    assert expected in refusal.error
    assert total(ledger) == (2, 200)


def test_a_batch_in_which_every_event_is_bad_leaves_the_books_as_they_are() -> None:
    ledger = books(moved("a"))
    result = ledger.take([Raw(i, b"{}") for i in range(1, 400)])

    assert len(result.refusals) == result.tally.events == 399
    assert (result.puts, result.touched, total(ledger)) == ([], set(), (1, 100))


def test_6_a_naive_time_an_unknown_terminal_and_a_far_future_are_refused() -> None:
    value = topic([moved("n")])[0].value or b""
    naive = Raw(0, value.replace(b"08:00:00+08:00", b"08:00:00"))
    ledger = MoveLedger(0, BOOK)
    records = topic(
        [
            moved("u", terminal="Moon"),
            moved("ok", "2026-03-10T05:00:00Z"),  # exactly an hour ahead
            moved("f", "2026-03-10T05:00:01Z"),
            moved("r", recorded="2026-03-11T00:00:00Z"),
        ],
        first=1,
    )
    result = ledger.take([naive, *records])

    assert [(r.offset, r.reason) for r in result.refusals] == [
        (0, Reason.NAIVE_TIME),
        (1, Reason.UNKNOWN_TERMINAL),
        (3, Reason.FUTURE_TIME),
        (4, Reason.FUTURE_TIME),
    ]
    assert "'Moon' is no terminal of this port; known: THC, THE, THW" in result.refusals[1].error
    assert "quaymark.toml" in result.refusals[1].error
    assert total(ledger) == (1, 100)


def test_each_event_is_judged_as_of_the_moment_kafka_got_it() -> None:
    # open_days = 400: on 1 March 2025 the books are open since 26 January 2024, on 10 March 2026
    # since 3 February 2025; "c" is half an hour ahead of the first, "d" an hour and one second
    then = at("2025-03-01T00:00:00Z")
    old = "2024-06-01T12:00:00+08:00"
    soon, too_soon = "2025-03-01T00:30:00Z", "2025-03-01T01:00:01Z"
    first = topic([moved("a", old, recorded=old)], received=then)
    second = topic([moved("b", old, recorded=old)], 1)
    ahead = [moved("c", soon, recorded=soon), moved("d", too_soon, recorded=soon)]
    third = topic(ahead, 2, received=then)
    whole, parts = MoveLedger(0, BOOK), MoveLedger(0, BOOK)

    at_once = whole.take([*first, *second, *third]).refusals
    one_by_one = [r for record in (first, second, third) for r in parts.take(record).refusals]

    expected = [(1, Reason.TOO_OLD), (3, Reason.FUTURE_TIME)]
    assert sorted((r.offset, r.reason) for r in at_once) == expected
    assert sorted((r.offset, r.reason) for r in one_by_one) == expected


def test_a_closed_day_refuses_what_would_change_it_and_still_catches_duplicates() -> None:
    # open_days = 400: on 10 March 2026 the books are open since 3 February 2025
    old, oldest_open = "2025-02-02T12:00:00+08:00", "2025-02-03T12:00:00+08:00"
    ledger = MoveLedger(0, BOOK)
    then = at("2025-03-01T00:00:00Z")
    ledger.take(topic([moved("a", old, recorded=old)], received=then))
    result = ledger.take(
        topic(
            [
                moved("a", old, recorded=old),
                moved("a", old, size="45G1", recorded="2026-03-01T00:00:00Z"),
                moved("b", old, recorded=old),
                moved("c", oldest_open, recorded=oldest_open),
                retracted("a"),
            ],
            first=1,
        )
    )

    assert [(r.offset, r.reason) for r in result.refusals] == [
        (2, Reason.TOO_OLD),
        (3, Reason.TOO_OLD),
        (5, Reason.TOO_OLD),
    ]
    assert "open since 2025-02-03" in result.refusals[0].error
    assert (result.tally.repeats, result.tally.booked) == (1, 1)
    assert total(ledger) == (2, 200)


def test_the_256th_terminal_of_a_partition_is_refused_by_name() -> None:
    area = BOOK.area[0]
    terminals = tuple(msgspec.structs.replace(area.terminal[0], code=f"T{n}") for n in range(256))
    book = msgspec.structs.replace(BOOK, area=(msgspec.structs.replace(area, terminal=terminals),))
    ledger = MoveLedger(0, book)
    result = ledger.take(topic([moved(f"{n}", terminal=f"T{n}") for n in range(256)]))

    (refusal,) = result.refusals
    assert refusal.reason is Reason.LIMIT_REACHED
    assert "'T255' is the 256th" in refusal.error
    assert total(ledger) == (255, 25_500)


def test_events_are_what_was_booked_amended_retracted_repeated_and_refused() -> None:
    tally = taken(
        moved("a"), moved("a"), retracted("b"), moved("b"), moved("c", size=None),
        moved("a", size="45G1", recorded="2026-03-03T00:00:00Z"), moved("d", terminal="Moon"),
    ).tally  # fmt: skip

    assert (tally.events, tally.booked, tally.amended) == (7, 2, 1)
    # the retraction of b came before b: it took nothing back; and one is refused
    assert (tally.retracted, tally.without_original, tally.repeats) == (0, 1, 2)
    assert tally.uncounted == {"no_original": 1}
    assert tally.newest == at("2026-03-01T08:00:00+08:00")


def test_a_terminal_that_changed_its_area_keeps_its_past_there() -> None:
    ledger = books(moved("a"))
    puts = MoveLedger(0, BOOK).take(topic([moved("a")])).puts
    area = msgspec.structs.replace(BOOK.area[0], code="elsewhere")
    later = MoveLedger(0, msgspec.structs.replace(BOOK, area=(area,)))
    for put in puts:
        later.load(put.key, put.value)
    later.take(topic([moved("b", "2026-03-09T08:00:00+08:00")], 1))

    assert total(ledger) == (1, 100)
    assert {(d.area, d.on) for d in later.snapshots()} == {
        ("tonghai", MARCH_1),
        ("elsewhere", date(2026, 3, 9)),
    }


def test_a_journal_of_several_writers_means_the_same_terminals() -> None:
    # each numbered its terminals as they came: THE, THC here, THC, THE there
    one = MoveLedger(0, BOOK).take(topic([moved("a"), moved("b", terminal="THC")])).puts
    two = (
        MoveLedger(0, BOOK)
        .take(topic([moved("c", terminal="THC"), moved("d", size="45G1")], 2))
        .puts
    )
    ledger = MoveLedger(0, BOOK)
    for put in one + two:
        ledger.load(put.key, put.value)
    ledger.settle()

    assert sum(c.hundredths for c in day(ledger).classes) == 300
    assert sum(c.hundredths for c in day(ledger, terminal="THC").classes) == 200


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_times_at_the_ends_of_the_calendar_are_judged_like_any(time: str) -> None:
    # seen from UTC they lie in the years 0 and 10000
    ledger = MoveLedger(0, BOOK)
    made = ledger.take(topic([moved("a", recorded=time), moved("a", recorded=time, size=None)]))
    happened = ledger.take(topic([moved("b", time)], 2))

    early = time.startswith("0001")
    assert {r.reason for r in made.refusals} == {Reason.CONFLICT if early else Reason.FUTURE_TIME}
    assert [r.reason for r in happened.refusals] == [
        Reason.TOO_OLD if early else Reason.FUTURE_TIME
    ]
    assert happened.tally.newest is None


def test_a_record_in_binary_mode_is_booked_and_refused_like_a_structured_one() -> None:
    ledger, stamp = MoveLedger(0, BOOK), round(NOW.timestamp() * 1000)
    raw, headers = in_binary_mode(moved("a"))

    taken = ledger.take(
        [
            Raw(0, raw, stamp, headers),
            Raw(1, encode(moved("a")), stamp),
            Raw(2, raw, stamp, (("ce_id", b"\xff"),)),
            Raw(3, None, stamp, headers),
        ]
    )

    assert (taken.tally.booked, taken.tally.repeats) == (1, 1)
    assert [(r.offset, r.reason) for r in taken.refusals] == [
        (2, Reason.UNDECODABLE),
        (3, Reason.UNDECODABLE),
    ]


@pytest.mark.parametrize(
    "emptied_by",
    [moved("a", "2026-03-05T08:00:00+08:00", recorded=LATER), retracted("a")],
    ids=["an amendment to another day", "a retraction"],
)
def test_a_day_that_became_empty_is_announced_again_after_a_recovery(
    emptied_by: ContainerMoved | MoveRetracted,
) -> None:
    # Found by the test of kills: the worker announced the day while it had moves, died before it
    # announced it empty, and the next worker, whose books had no fact of that day, never did.
    first = MoveLedger(0, BOOK)
    puts = [*first.take(topic([moved("a")])).puts]
    puts += first.take(topic([emptied_by], first=1)).puts

    second = MoveLedger(0, BOOK)
    for put in puts:
        second.load(put.key, put.value)
    second.settle()

    announced = {day.on: day for day in second.snapshots()}
    assert announced[MARCH_1].classes == ()
    assert announced[MARCH_1].hours == (0,) * 24
    assert announced[MARCH_1].offset == 1


def test_of_events_set_aside_the_small_ones_stay_at_hand_and_the_large_do_not() -> None:
    unsized = (
        encode(moved("a", size="")),
        encode(moved("b" * 60, size="")).replace(
            b'"id"', b'"subject":"' + b"x" * 5000 + b'","id"'
        ),
    )
    records = [
        Raw(n, value) for n, value in enumerate([b"{}", b'{"x":"' + b"x" * 5000 + b'"}', *unsized])
    ]

    refusals = MoveLedger(0, BOOK).take(records).refusals

    assert {(r.offset, r.reason, r.record) for r in refusals} == {
        (0, Reason.UNKNOWN_EVENT_TYPE, records[0]),
        (1, Reason.UNKNOWN_EVENT_TYPE, None),
        (2, Reason.UNKNOWN_SIZE, records[2]),
        (3, Reason.UNKNOWN_SIZE, None),
    }
