"""A statement of moves beside the books: what differs is found, and nothing else."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from contract.errors import Misconfigured
from contract.evidence.statement import StatedMove
from contract.snapshots import IN_A_FILE, DeadLetter
from contract.wire import encode
from register.questions import RegisterQuestions
from register.reconciliation.causes import DifferenceCause
from register.selection import Selection, SummedUnit
from register.store import RegisterStore
from tests.unit.ledger.records import BOOK, Raw, at, retracted
from tests.unit.register.reconciliation.august import (
    AUGUST,
    FIRST,
    RECEIVED,
    amounts,
    booked,
    compare,
    figures,
    number,
    registered,
    stated,
    when,
)


def column(records: list[tuple[Any, ...]], columns: tuple[str, ...], name: str) -> list[Any]:
    return [record[columns.index(name)] for record in records]


def test_a_statement_that_is_the_books_shows_no_difference(tmp_path: Path) -> None:
    folder = registered(tmp_path, [booked(n) for n in range(400)])
    done = compare(folder, [stated(n) for n in range(400)])
    assert figures(done) == (400, 400)
    assert not done.causes
    assert not (done.records + done.hints + done.warnings)


def test_moves_without_a_number_are_a_pair_if_they_are_of_the_same_second(tmp_path: Path) -> None:
    noon = "2026-08-07T12:00:00+08:00"
    twice = [booked(n, number=None, time=noon) for n in (1, 2)]
    folder = registered(tmp_path, [*twice, booked(3, number=None, size="42G1"), booked(4)])
    no_number = {"container": None}
    theirs = [stated(n, time=at(noon), **no_number) for n in (1, 2)]

    done = compare(folder, [*theirs, stated(3, iso_code="42G1", **no_number), stated(4)])
    later = compare(
        folder, [*theirs, stated(3, time=at("2026-08-04T12:00:01+08:00"), **no_number), stated(4)]
    )

    # three of 20 ft and one of 40 ft
    assert figures(done) == (5, 5)
    assert not done.records
    # a second later it is another move, and one of 20 ft: 1 less 2 TEU
    assert amounts(later) == {DifferenceCause.ONLY_THEIRS: 1, DifferenceCause.ONLY_OURS: -2}


def planted() -> tuple[list[Any], list[StatedMove], dict[DifferenceCause, tuple[int, str]]]:
    """Forty differences among 240 moves; cause -> how many, and the TEU that they come to."""
    events = [booked(n) for n in range(200)]
    statement = [stated(n) for n in range(200)]
    # six that only they have, of 20 ft: +6; one of them twice in the statement
    statement += [stated(n) for n in (300, 301, 302, 303, 304)] + [stated(0)]
    # five that only we have, of 40 ft: -10
    events += [booked(n, size="42G1") for n in range(310, 315)]
    # four of 1 September at 00:30 with us, of 31 August at 23:30 with them: +4
    events += [booked(n, time="2026-09-01T00:30:00+08:00") for n in range(320, 324)]
    statement += [stated(n, time=at("2026-08-31T23:30:00+08:00")) for n in range(320, 324)]
    # three of 45 ft that count 2.00 with them and 2.25 with us: -0.75; one of 40 ft that is a
    # 20 ft with us: +1
    events += [booked(n, size="L5G1") for n in range(330, 333)] + [booked(333)]
    statement += [stated(n, iso_code="L5G1", hundredths=200) for n in range(330, 333)]
    statement += [stated(333, iso_code="42G1")]
    # five that are empty with them: nothing in TEU
    events += [booked(n) for n in range(340, 345)]
    statement += [stated(n, fill="EMPTY") for n in range(340, 345)]
    # three restows of ours that they count (+3), and two transhipments that are none with them
    events += [booked(n, status=5) for n in range(350, 353)]
    events += [booked(n, transhipment=True) for n in range(353, 355)]
    statement += [stated(n, kind="normal") for n in range(350, 355)]
    # three that we had counted and that were withdrawn: +3
    events += [booked(n) for n in range(360, 363)] + [retracted(f"e{n}") for n in range(360, 363)]
    statement += [stated(n) for n in range(360, 363)]
    # four whose size we don't know, of 40 ft with them: +8
    events += [booked(n, size=None) for n in range(370, 374)]
    statement += [stated(n, iso_code="42G1") for n in range(370, 374)]
    # four that came with a terminal that the port does not have: +4
    events += [booked(n, terminal="T9") for n in range(380, 384)]
    statement += [stated(n) for n in range(380, 384)]
    return (
        events,
        statement,
        {
            DifferenceCause.ONLY_THEIRS: (6, "6"),
            DifferenceCause.ONLY_OURS: (5, "-10"),
            DifferenceCause.OTHER_DAY: (4, "4"),
            DifferenceCause.OTHER_SIZE: (4, "0.25"),
            DifferenceCause.OTHER_FILL: (5, "0"),
            DifferenceCause.OTHER_KIND: (5, "3"),
            DifferenceCause.RETRACTED: (3, "3"),
            DifferenceCause.UNSIZED: (4, "8"),
            DifferenceCause.SET_ASIDE: (4, "4"),
        },
    )


def test_forty_planted_differences_of_all_causes_are_exactly_those(tmp_path: Path) -> None:
    events, statement, expected = planted()
    assert sum(count for count, _ in expected.values()) == 40
    done = compare(registered(tmp_path, events), statement)
    found = {cause: (one.records, one.amount) for cause, one in done.causes.items()}
    assert found == {cause: (count, Decimal(teu)) for cause, (count, teu) in expected.items()}
    assert list(done.causes) == list(expected)  # in the order in which causes are told
    # ours: 200, five of 40 ft are 10, three of 2.25 are 6.75, one, five, no restow, two
    assert done.ours == Decimal("224.75")
    assert done.difference == Decimal("18.25")  # the sum of the nine
    assert done.unexplained == 0
    notes = column(done.records, done.columns, "note")
    assert notes.count("more than once in the statement") == 1
    assert notes.count("unknown_terminal") == 4


def test_the_fewest_records_explain_the_whole_difference(tmp_path: Path) -> None:
    events, statement, _ = planted()
    done = compare(registered(tmp_path, events), statement)
    # 18.25: of the amounts above 0 none has a quarter, so that what is below 0 must take part:
    # 8 of the largest, four of 2, give 8; eleven of 1 give 19; three of -0.25 give 18.25
    explaining = done.records[: done.explaining]
    assert sum(column(explaining, done.columns, "amount")) == Decimal("18.25")
    assert done.explaining == 4 + 11 + 3


def test_a_statement_without_kinds_has_no_restows_and_our_transhipments(tmp_path: Path) -> None:
    folder = registered(tmp_path, [booked(1, status=5), booked(2, transhipment=True)])
    done = compare(folder, [stated(1), stated(2)])
    assert amounts(done) == {DifferenceCause.OTHER_KIND: 1}


def test_a_move_that_we_count_at_another_terminal_says_where(tmp_path: Path) -> None:
    folder = registered(tmp_path, [booked(1, terminal="THW"), booked(2)])
    done = compare(folder, [stated(1), stated(2)])
    assert list(done.causes) == [DifferenceCause.ONLY_THEIRS]
    assert column(done.records, done.columns, "note") == ["counted at THW"]


def test_moves_beyond_the_window_are_no_pair(tmp_path: Path) -> None:
    folder = registered(tmp_path, [booked(1, time="2026-08-10T08:00:00+08:00")])
    statement = [stated(1, time=at("2026-08-10T11:00:01+08:00"))]
    assert not compare(folder, statement, window=timedelta(hours=4)).causes
    done = compare(folder, statement, window=timedelta(hours=3))
    assert amounts(done) == {
        DifferenceCause.ONLY_THEIRS: 1,
        DifferenceCause.ONLY_OURS: -1,
    }


def test_of_two_moves_of_a_box_the_nearest_in_time_are_paired(tmp_path: Path) -> None:
    first, second = "2026-08-10T08:00:00+08:00", "2026-08-10T18:00:00+08:00"
    # box 7 twice, first laden, then empty; their empty one lies 1 h from our empty one
    events = [
        booked(1, time=first, number=number(7)),
        booked(2, time=second, number=number(7), fill="EMPTY"),
    ]
    statement = [
        stated(7, time=at("2026-08-10T17:00:00+08:00"), fill="EMPTY"),
        stated(7, time=at("2026-08-10T12:59:00+08:00")),
    ]
    assert not compare(registered(tmp_path, events), statement).causes


def test_a_class_selects_on_both_sides(tmp_path: Path) -> None:
    folder = registered(tmp_path, [booked(1), booked(2, fill="EMPTY"), booked(3, fill="EMPTY")])
    statement = [stated(1, fill="EMPTY"), stated(2, fill="EMPTY"), stated(3, fill="LADEN")]
    empty = Selection(terminal="THE", first=FIRST, last=AUGUST.last, fill="EMPTY")
    done = compare(folder, statement, empty)
    # theirs 1 and 2, ours 2 and 3: the fill of 1 adds one, that of 3 takes one
    assert figures(done) == (2, 2)
    assert sorted(column(done.records, done.columns, "amount")) == [-1, 1]
    assert list(done.causes) == [DifferenceCause.OTHER_FILL]


def test_moves_are_compared_as_moves(tmp_path: Path) -> None:
    folder = registered(tmp_path, [booked(1, size="42G1"), booked(2)])
    done = compare(folder, [stated(1), stated(2), stated(3)], measure=SummedUnit.MOVES)
    assert figures(done) == (3, 2)
    assert amounts(done) == {
        DifferenceCause.ONLY_THEIRS: 1,
        DifferenceCause.OTHER_SIZE: 0,
    }


def test_the_hint_says_by_how_many_hours_days_differ(tmp_path: Path) -> None:
    # ten moves at 02:00 in Shanghai are 18:00 of the day before in UTC, written without a zone
    events = [booked(n, time=f"2026-08-{n:02}T02:00:00+08:00") for n in range(10, 20)]
    statement = [
        stated(n, time=at(f"2026-08-{n:02}T02:00:00+08:00") - timedelta(hours=8))
        for n in range(10, 20)
    ]
    done = compare(registered(tmp_path, events), statement)
    assert done.difference == 0
    assert done.causes[DifferenceCause.OTHER_DAY].records == 10
    assert done.hints == [
        "10 of 10 moves of another day have a time that is 8 h earlier with them: a cut-off, or "
        "a time zone"
    ]


def test_a_day_that_begins_at_six_closes_with_its_cut_off(tmp_path: Path) -> None:
    # their August ends on 1 September at 06:00, and does not have 1 August before 06:00
    events = [
        booked(1, time="2026-08-01T05:59:00+08:00"),
        booked(2, time="2026-09-01T05:59:00+08:00", size="42G1"),
    ]
    statement = [stated(2, time=at("2026-09-01T05:59:00+08:00"), iso_code="42G1")]
    folder = registered(tmp_path, events)
    done = compare(folder, statement, cut_off=timedelta(hours=6))
    assert figures(done) == (2, 1)
    assert amounts(done) == {
        DifferenceCause.ONLY_OURS: -1,
        DifferenceCause.OTHER_DAY: 2,
    }
    with pytest.raises(Misconfigured, match=r"the statement is of 2026-09-01 to 2026-09-01"):
        compare(folder, statement)


def test_what_is_not_of_the_terminal_or_the_period_is_said(tmp_path: Path) -> None:
    folder = registered(tmp_path, [booked(1)])
    statement = [
        stated(1),
        stated(2, terminal="T9"),
        stated(3, terminal="THW"),
        stated(4, time=at("2026-09-02T12:00:00+08:00")),
    ]
    done = compare(folder, statement)
    assert done.difference == 0
    assert done.warnings == [
        "1 moves at T9 are not compared: T9 is no terminal of this port",
        "1 moves at THW are not compared",
        "1 moves of the statement lie outside of the period and are in no sum; if their day "
        "does not begin at 00:00, say when: --cut-off 06:00",
    ]


def test_a_statement_of_other_terminals_alone_names_them(tmp_path: Path) -> None:
    folder = registered(tmp_path, [booked(1)])
    with pytest.raises(Misconfigured, match=r"no move at THE; it has moves at T9 \(1\)"):
        compare(folder, [stated(1, terminal="T9")])


def test_half_a_month_that_is_missing_is_asked_about(tmp_path: Path) -> None:
    folder = registered(tmp_path, [booked(n) for n in range(31)])
    done = compare(folder, [stated(n) for n in range(15)])  # 1 to 15 August
    assert done.warnings == [
        "the statement has no move on 16 days from 2026-08-16 to 2026-08-31, and we have: is a "
        "part of it missing?"
    ]
    assert done.explaining == 16


def test_a_later_row_of_an_id_replaces_and_a_retracted_one_goes(tmp_path: Path) -> None:
    folder = registered(tmp_path, [booked(1, size="42G1")])
    done = compare(
        folder,
        [
            stated(1, event_id="a", iso_code="42G1", recorded=at("2026-08-20T00:00:00+08:00")),
            stated(1, event_id="a", recorded=at("2026-08-19T00:00:00+08:00")),
            stated(2, event_id="b"),
            stated(2, event_id="b", retracted=True, recorded=at("2026-08-20T00:00:00+08:00")),
        ],
    )
    assert figures(done) == (2, 2)
    assert not done.causes


boxes = st.integers(0, 5)
any_time = st.builds(
    lambda day, hour: at(f"2026-08-{day:02}T{hour:02}:00:00+08:00"),
    st.sampled_from((1, 2, 30, 31)),
    st.integers(0, 23),
)
any_stated = st.builds(
    stated,
    boxes,
    time=any_time,
    iso_code=st.sampled_from(("22G1", "42G1", "L5G1", None)),
    hundredths=st.sampled_from((None, None, 100, 200)),
    fill=st.sampled_from(("LADEN", "EMPTY", None)),
    kind=st.sampled_from((None, "normal", "restow", "transhipment")),
)
some = st.sampled_from


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty moves of six boxes in the first and last days of August, of every state."""
    events = []
    for n in range(60):
        day, hour = (1, 2, 30, 31)[n % 4], n * 7 % 24
        move = booked(
            n % 6,
            time=f"2026-08-{day:02}T{hour:02}:30:00+08:00",
            size=("22G1", "L5G1", None, "42G1")[n % 11 % 4],
            fill=("LADEN", "EMPTY", None)[n % 3],
            status=(None, 5, 6)[n % 13 % 3],
            terminal="T9" if n % 17 == 3 else "THE",
        )
        events.append(replace(move, id=f"h{n}"))
    events += [retracted(f"h{n}") for n in (5, 20, 41)]
    return registered(tmp_path_factory.mktemp("register"), events)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(any_stated, min_size=1, max_size=30),
    st.builds(
        Selection,
        terminal=st.just("THE"),
        first=some((FIRST, at(when(0)).date())),
        last=some((FIRST, AUGUST.last)),
        fill=some((None, "LADEN", "unknown")),
        kind=some((None, "normal", "restow")),
        size_feet=some((None, "20", "45")),
    ),
    some(SummedUnit),
    st.integers(0, 40),
)
def test_the_causes_sum_to_theirs_less_ours_for_any_statement(
    history: Path,
    statement: list[StatedMove],
    selection: Selection,
    measure: SummedUnit,
    window_hours: int,
) -> None:
    try:
        done = compare(
            history, statement, selection, measure, window=timedelta(hours=window_hours)
        )
    except Misconfigured:  # none of the period
        return
    assert done.ours == RegisterQuestions(history, BOOK.tz).amount(selection, measure, None)
    assert sum((one.amount for one in done.causes.values()), Decimal(0)) == (
        done.theirs - done.ours
    )
    explaining = column(done.records[: done.explaining], done.columns, "amount")
    assert sum(explaining) == done.difference
    classes = (selection.fill, selection.kind, selection.size_feet)
    if measure is SummedUnit.MOVES and classes == (None, None, None):
        first, last = selection.first or FIRST, selection.last or FIRST
        assert done.theirs == sum(first <= one.time.date() <= last for one in statement)


def test_a_row_of_a_file_that_was_refused_is_set_aside_with_its_place(tmp_path: Path) -> None:
    folder = registered(tmp_path, [booked(1)])
    letter = DeadLetter(
        topic=IN_A_FILE,
        partition=-1,
        offset=-1,
        reason="unknown_code",
        error="line 3: 'LIFTED' is not known",
        value=f"move,container\nLIFTED,{number(2)}\n".encode(),
        key=b"moves",
        at=RECEIVED,
        origin="inbox/west/august.csv: line 3",
    )
    stamp = round(RECEIVED.timestamp() * 1000)
    RegisterStore(folder, BOOK).add({}, [Raw(0, encode(letter), stamp)])
    done = compare(folder, [stated(1), stated(2)])
    assert list(done.causes) == [DifferenceCause.SET_ASIDE]
    record = dict(zip(done.columns, done.records[0], strict=True))
    assert (record["note"], record["file"], record["line"]) == (
        "unknown_code",
        "inbox/west/august.csv",
        "line 3",
    )
