"""The recount on small topics whose totals are worked by hand from DOMAIN's rules."""

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.recount import Recount
from audit.totals import TotalKind, TotalName, parts_of, totals
from contract.binary_mode import Headers
from contract.book import Area, Book, Terminal, read_book
from contract.errors import Reason
from contract.events import Label, MoveEvent
from contract.wire import encode
from ledger.move_ledger import MoveLedger
from producers.simulate.simulated_port import simulate
from tests.unit.ledger.records import BOOK, NOW, Raw, in_binary_mode, moved, retracted, topic

NOW_MS = round(NOW.timestamp() * 1000)
DAY_MS = 86_400_000


def recounted(*events: object, book: Book = BOOK, at: int = NOW_MS) -> Recount:
    """A recount of events of one partition, all of which Kafka got at one moment."""
    recount = Recount(book)
    for event in events:
        recount.take(0, at, event if isinstance(event, bytes) else encode(event))  # type: ignore[arg-type]
    return recount


def teu(recount: Recount) -> dict[tuple[str, int], int]:
    """(terminal, year) -> hundredths of a TEU, zeros left out."""
    return {
        (line.terminal, line.year): amount
        for line, amount in recount.totals().items()
        if line.figure is TotalKind.TEU and amount
    }


def line(figure: TotalKind, *of: str, terminal: str = "THE", year: int = 2026) -> TotalName:
    return TotalName(figure, "tonghai", terminal, year, of)


def test_each_move_adds_to_its_figures() -> None:
    found = recounted(
        moved("a"),  # LOAD, laden, 20 ft: 1.00
        moved("b", size="L5G1", fill=None, transhipment=True),  # 45 ft: 2.25
        moved("c", size="0000"),  # a move without a size
        moved("d", status=5, size="45G1"),  # a restow: a move, no TEU
        moved("e", event="GTOT"),
    ).totals()

    assert found == {
        line(TotalKind.TEU): 325,
        line(TotalKind.MOVES): 4,
        line(TotalKind.CLASS_TEU, "load", "laden", "20", "normal"): 100,
        line(TotalKind.CLASS_TEU, "load", "unknown", "45", "transhipment"): 225,
        line(TotalKind.UNSIZED): 1,
        line(TotalKind.GATE, "out"): 1,
    }


@pytest.mark.parametrize(
    "event",
    [
        moved("a", classifier="EST"),
        moved("a", event="STUF"),
        moved("a", status=4),
        moved("a", status=7),
        moved("a", mode="TRUCK"),
        moved("a", facility_type="DEPO"),
        moved("a", retracted=True),
    ],
)
def test_what_is_no_throughput_is_in_no_total(event: object) -> None:
    recount = recounted(event)

    assert not recount.totals()
    assert not recount.refused


def test_the_same_id_counts_once_and_another_source_is_another_move() -> None:
    assert teu(recounted(moved("a"), moved("a"), moved("a", source="/tonghai/THC"))) == {
        ("THE", 2026): 200  # two sources, 1.00 each
    }


def test_the_newest_record_stands_in_either_order() -> None:
    old = moved("a", size="22G1", recorded="2026-03-01T09:00:00+08:00")
    new = moved("a", size="45G1", terminal="THW", recorded="2026-03-01T10:00:00+08:00")

    assert teu(recounted(old, new)) == teu(recounted(new, old)) == {("THW", 2026): 200}


def test_of_records_as_new_as_each_other_the_first_stands() -> None:
    assert teu(recounted(moved("a", size="22G1"), moved("a", size="45G1"))) == {("THE", 2026): 100}


def test_a_retraction_is_final_in_either_order() -> None:
    newest = moved("a", recorded="2026-03-09T09:00:00+08:00")

    assert teu(recounted(moved("a"), retracted("a"), newest)) == {}
    assert teu(recounted(retracted("a"), moved("a"), newest)) == {}


def test_a_retraction_of_another_source_takes_nothing() -> None:
    assert teu(recounted(moved("a"), retracted("a", source="/tonghai/THC"))) == {
        ("THE", 2026): 100
    }


def test_a_retracted_record_gives_way_to_a_newer_one_alone() -> None:
    gone = moved("a", retracted=True, recorded="2026-03-02T09:00:00+08:00")
    back = moved("a", size="45G1", recorded="2026-03-03T09:00:00+08:00")

    assert teu(recounted(moved("a"), gone)) == {}
    assert teu(recounted(gone, moved("a"))) == {}
    assert teu(recounted(moved("a"), gone, back)) == {("THE", 2026): 200}


def test_an_estimate_amended_to_an_actual_move_counts() -> None:
    planned = moved("a", classifier="EST", terminal="NOWHERE")
    done = moved("a", recorded="2026-03-01T10:00:00+08:00")

    assert teu(recounted(planned, done)) == {("THE", 2026): 100}


def test_the_year_is_that_of_the_ports_zone() -> None:
    # 16:00 UTC on 31 December is midnight in Shanghai
    before = moved("a", time="2025-12-31T15:59:59Z", recorded="2026-01-01T09:00:00+08:00")
    after = moved("b", time="2025-12-31T16:00:00Z", recorded="2026-01-01T09:00:00+08:00")

    assert teu(recounted(before, after)) == {("THE", 2025): 100, ("THE", 2026): 100}


def test_an_event_more_than_an_hour_ahead_of_kafkas_clock_is_refused() -> None:
    # NOW is noon of 10 March in Shanghai
    recount = recounted(
        moved("a", "2026-03-10T13:00:00+08:00"),
        moved("b", "2026-03-10T13:00:01+08:00"),
        moved("c", recorded="2026-03-10T13:00:01+08:00"),
        moved("d", "2026-03-20T13:00:00+08:00", classifier="PLN"),
    )

    assert teu(recount) == {("THE", 2026): 100}
    assert recount.refused == {Reason.FUTURE_TIME: 2}


def test_a_closed_day_neither_takes_a_move_nor_gives_one_up() -> None:
    # 31 open days: on 10 March 7 February is open, 6 February closed
    book = msgspec.structs.replace(BOOK, port=msgspec.structs.replace(BOOK.port, open_days=31))
    recount = Recount(book)
    recorded = "2026-02-07T09:00:00+08:00"
    then = NOW_MS - 5 * DAY_MS
    recount.take(0, then, encode(moved("a", "2026-02-06T08:00:00+08:00", recorded=recorded)))
    recount.take(0, NOW_MS, encode(retracted("a")))
    recount.take(0, NOW_MS, encode(moved("b", "2026-02-07T08:00:00+08:00", recorded=recorded)))
    recount.take(0, NOW_MS, encode(moved("c", "2026-02-06T23:59:00+08:00", recorded=recorded)))

    assert teu(recount) == {("THE", 2026): 200}
    assert recount.refused == {Reason.TOO_OLD: 2}


def test_what_cannot_be_read_or_placed_is_refused() -> None:
    recount = recounted(
        b"not JSON",
        b'{"type":"port.container.moved.v1"}',
        moved("a", terminal="ATLANTIS"),
        moved("b", time="0001-01-01T00:00:00+14:00"),
        b" " * ((1 << 20) + 1),
    )

    assert not recount.totals()
    assert recount.refused == {
        Reason.UNDECODABLE: 1,
        Reason.MISSING_FIELD: 1,
        Reason.UNKNOWN_TERMINAL: 1,
        Reason.TOO_OLD: 1,
        Reason.TOO_LARGE: 1,
    }


def test_a_move_on_two_partitions_is_a_double() -> None:
    recount = Recount(BOOK)
    for partition in (0, 3):
        recount.take(partition, NOW_MS, encode(moved("a")))
        recount.take(partition, NOW_MS, encode(moved("b", classifier="EST")))
    recount.take(1, NOW_MS, encode(moved("c")))

    assert recount.doubles() == 1  # b counts nowhere, c once


def test_an_alias_is_booked_under_its_terminal() -> None:
    book = _with_alias()

    assert teu(recounted(moved("a", terminal="EAST"), book=book)) == {("THE", 2026): 100}


def test_the_ledger_comes_to_the_same_on_a_simulated_week_with_its_mishaps() -> None:
    book = read_book(Path("quaymark.toml").read_text("utf-8"), "quaymark.toml")
    now = datetime(2026, 3, 20, tzinfo=UTC)
    sent = [due.event for due in simulate(book, date(2026, 3, 1), date(2026, 3, 7))]
    ledger, recount = MoveLedger(0, book), Recount(book)

    ledger.take(topic(sent, received=now))  # type: ignore[arg-type]  # all are moves
    for event in sent:
        recount.take(0, round(now.timestamp() * 1000), encode(event))

    booked = totals(part for day in ledger.snapshots() for part in parts_of(day))
    assert recount.totals() == booked
    assert booked.total() > 0


def _with_alias() -> Book:
    terminal = Terminal("THE", Label("东", "East"), aliases=("EAST",))
    area = Area("tonghai", Label("通海", "Tonghai"), (terminal,))
    return msgspec.structs.replace(BOOK, area=(area,))


def test_a_record_in_binary_mode_counts_as_one_in_structured_mode() -> None:
    raw, headers = in_binary_mode(moved("a"))
    recount = Recount(BOOK)

    recount.take(0, NOW_MS, raw, headers)
    recount.take(0, NOW_MS, encode(moved("a")))
    recount.take(0, NOW_MS, raw, [("ce_id", b"b")])

    assert teu(recount) == {("THE", 2026): 100}
    assert recount.refused == {Reason.UNKNOWN_EVENT_TYPE: 1}


names = st.sampled_from(["ce_id", "ce_type", "ce_time", "ce_data", "content-type", "x"])
contents = st.none() | st.binary(max_size=4) | st.sampled_from([b"a", b"application/json"])


@st.composite
def damaged(draw: st.DrawFn) -> tuple[bytes, Headers]:
    """A record in either mode, some of its headers gone, doubled or changed."""
    events: list[MoveEvent] = [moved("a"), moved("b", size="0000"), retracted("a")]
    event = draw(st.sampled_from(events))
    raw, found = in_binary_mode(event) if draw(st.booleans()) else (encode(event), ())
    headers = list(found)
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(headers)))
        headers[at : at + draw(st.integers(0, 1))] = draw(
            st.lists(st.tuples(names, contents), max_size=1)
        )
    return raw, tuple(headers)


@given(st.lists(damaged(), max_size=5))
def test_the_ledger_and_the_recount_read_any_headers_alike(
    records: list[tuple[bytes, Headers]],
) -> None:
    ledger, recount = MoveLedger(0, BOOK), Recount(BOOK)

    taken = ledger.take(
        [Raw(n, raw, NOW_MS, tuple(headers)) for n, (raw, headers) in enumerate(records)]
    )
    for raw, headers in records:
        recount.take(0, NOW_MS, raw, headers)

    booked = totals(part for day in ledger.snapshots() for part in parts_of(day))
    assert +recount.totals() == +booked
    told_apart = (Reason.UNKNOWN_SIZE, Reason.CONFLICT)  # by the ledger alone
    refused = Counter(r.reason for r in taken.refusals if r.reason not in told_apart)
    assert recount.refused == refused


INSTANTS = (
    "0001-01-01T00:00:00+00:00",  # what many a language has for no time at all
    "1969-12-31T23:59:59+00:00",
    "1970-01-01T12:00:00+08:00",  # the last day on which nothing is booked
    "1970-01-02T12:00:00+08:00",
    "1971-02-10T12:00:00+08:00",
    "2026-03-01T08:00:00+08:00",
)
STAMPS = (-500_000_000_000_000_000, -62_135_596_800_001, -1, 0, 34_560_000_000, NOW_MS, 1 << 60)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"),
            st.sampled_from(INSTANTS),
            st.sampled_from(INSTANTS),
            st.sampled_from(STAMPS),
        ),
        max_size=6,
    )
)
def test_the_ledger_and_the_recount_judge_alike_whatever_the_time_is(
    said: list[tuple[str, str, str, int]],
) -> None:
    ledger, recount = MoveLedger(0, BOOK), Recount(BOOK)
    raws = [
        Raw(n, encode(moved(name, time, recorded=recorded)), stamp)
        for n, (name, time, recorded, stamp) in enumerate(said)
    ]

    taken = ledger.take(raws)
    for raw in raws:
        recount.take(0, raw.timestamp, raw.value)

    booked = totals(part for day in ledger.snapshots() for part in parts_of(day))
    assert +recount.totals() == +booked
    refused = Counter(r.reason for r in taken.refusals if r.reason is not Reason.CONFLICT)
    assert recount.refused == refused
