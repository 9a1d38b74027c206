"""Dead letters tried again: what the new book takes is sent, the rest is still refused."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from contract import wire
from contract.binary_mode import attempt, structured
from contract.book import Book
from contract.errors import Reason
from contract.events import RawEvent
from contract.snapshots import DeadLetter
from contract.topics import MOVES
from ledger.judge import Refusal
from ledger.move_ledger import MoveLedger
from producers.importing.retry import NumberedDeadLetter, Retried, Retry
from producers.publish.records import Encoded
from producers.reading.outcome import Accepted, Form, ReadingTerms
from tests.unit.ledger.records import Raw, in_binary_mode
from tests.unit.producers.dcsa.test_equipment_events import FLAT, moved
from tests.unit.producers.edifact.test_moves import box, coarri
from tests.unit.producers.imported import BOOK, NOW, imported, outcomes

LESS = msgspec.structs.replace(BOOK, partner=())
HOUR = timedelta(hours=1)


def resent(
    letter: DeadLetter, book: Book = BOOK, now: datetime = NOW
) -> tuple[Retried, list[Encoded]]:
    sent: list[Encoded] = []

    async def keep(record: Encoded) -> None:
        sent.append(record)

    return asyncio.run(Retry(book, now, keep).again(NumberedDeadLetter(0, letter))), sent


def tried(letter: DeadLetter, book: Book = BOOK) -> tuple[Retried, list[RawEvent]]:
    done, sent = resent(letter, book)
    return done, [wire.decode(record.value) for record in sent]


def of_topic(event: RawEvent, reason: Reason, received_at: datetime = NOW) -> DeadLetter:
    value = wire.encode(event)
    return DeadLetter(
        MOVES.name, 1, 5, reason, "", value, key=b"/dcsa/carrier", at=NOW, received_at=received_at
    )


def event_of(at: datetime) -> RawEvent:
    """A move that was recorded when it happened."""
    times = dict.fromkeys(("eventDateTime", "eventCreatedDateTime"), at.isoformat())
    return moved(FLAT | times)


def booked(record: Encoded) -> tuple[int, list[Refusal]]:
    """What the worker makes of a record that is sent again: facts, refusals."""
    ledger = MoveLedger(1, BOOK)
    assert record.timestamp_ms is not None
    taken = ledger.take([Raw(0, record.value, record.timestamp_ms, tuple(record.headers))])
    return ledger.facts, taken.refusals


def test_an_event_goes_again_once_its_terminal_is_in_the_book() -> None:
    event = moved(FLAT | {"transportCall": {"facilityCode": "EAST2"}})
    letter = of_topic(event, Reason.UNKNOWN_TERMINAL)
    area = BOOK.area[0]
    more = msgspec.structs.replace(area.terminal[0], aliases=("EAST2",))
    book = msgspec.structs.replace(
        BOOK, area=(msgspec.structs.replace(area, terminal=(more, *area.terminal[1:])),)
    )

    before, nothing = tried(letter)
    after, sent = tried(letter, book)

    assert "add it to quaymark.toml, or to the aliases of a terminal there" in before.refused
    assert nothing == []
    assert (after.events, after.refused) == (1, "")
    assert sent == [event]


def test_a_message_goes_again_once_its_sender_has_a_profile(tmp_path: Path) -> None:
    path = tmp_path / "x.edi"
    path.write_text(coarri(box(), box("APZU4812090")))
    refused = imported([path], ReadingTerms(LESS), book=LESS)
    first, second = refused.letters

    before, nothing = tried(second, LESS)
    _, sent = tried(second)

    assert refused.summary["rejected"] == {"unknown_partner": 2, "total": 2}
    assert "no profile for sender" in before.refused
    assert nothing == []
    # the same event as if the profile had been there from the start
    (event,) = sent
    (_, _, whole) = outcomes(Form.EDIFACT, path.read_bytes())
    assert isinstance(whole, Accepted)
    assert event == whole.event
    assert first.value != second.value


def test_a_record_of_a_file_goes_again_with_the_time_of_its_import(tmp_path: Path) -> None:
    """Its moves are of 2026; two years after the import their days are closed."""
    path = tmp_path / "x.edi"
    path.write_text(coarri(box()))
    (letter,) = imported([path], ReadingTerms(LESS), book=LESS).letters

    done, [record] = resent(letter, now=NOW + timedelta(days=730))

    assert (done.events, done.refused) == (1, "")
    assert record.timestamp_ms == NOW.timestamp() * 1000


def test_a_row_goes_again_under_its_header(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        '项目名称,投资额(亿元),签约日期,产业集群,功能区\n"a, b",1,2019/6/1,生物医药,临港\n'
    )
    (letter,) = imported([path]).letters
    zone = BOOK.described_zone()
    areas = zone.functional_areas | {"lingang": msgspec.structs.replace(zone.name, zh="临港")}
    book = msgspec.structs.replace(
        BOOK, zone=msgspec.structs.replace(zone, functional_areas=areas)
    )

    _, sent = tried(letter, book)

    assert letter.reason == "unknown_code"
    assert [event.id for event in sent] == ["a, b|signed"]


@pytest.mark.parametrize("reason", [Reason.CONFLICT, Reason.UNKNOWN_SIZE])
def test_what_no_book_can_mend_is_not_sent_again(reason: Reason) -> None:
    done, sent = tried(of_topic(moved(FLAT), reason))

    assert done.refused
    assert sent == []


@pytest.mark.parametrize(
    "letter",
    [
        DeadLetter(MOVES.name, 0, 0, Reason.UNDECODABLE, "", b"{"),
        DeadLetter(MOVES.name, 0, 0, Reason.TOO_LARGE, "", None),
        DeadLetter("elsewhere", 0, 0, Reason.BAD_VALUE, "", b"{}"),
        DeadLetter("file", -1, -1, Reason.BAD_SYNTAX, "", b"%PDF", key=b"edifact"),
        DeadLetter("file", -1, -1, Reason.BAD_SYNTAX, "", b"x", key=b"no form"),
    ],
)
def test_what_cannot_be_read_stays_refused(letter: DeadLetter) -> None:
    done, sent = tried(letter)

    assert done.refused
    assert sent == []


def test_an_old_event_goes_again_with_its_time_and_is_booked_as_it_was_then() -> None:
    """Seven years later its day is long closed, but not as of the moment at which it came."""
    then = datetime(2019, 7, 1, 4, tzinfo=UTC)
    letter = of_topic(event_of(then), Reason.UNKNOWN_TERMINAL, received_at=then + HOUR)

    done, [record] = resent(wire.decode_dead_letter(wire.encode(letter)))

    assert done.events == 1
    assert record.timestamp_ms == 1_561_957_200_000  # 2019-07-01T05:00Z
    assert booked(record) == (1, [])


def test_a_record_goes_again_to_the_partition_where_others_of_its_id_lie() -> None:
    letter = of_topic(moved(FLAT), Reason.UNKNOWN_TERMINAL)

    _, [record] = resent(letter)
    _, [elsewhere] = resent(msgspec.structs.replace(letter, partition=MOVES.partitions))

    assert record.partition == 1
    assert elsewhere.partition is None  # there are fewer now: its key decides


def test_what_was_ahead_stays_refused_until_its_time_has_come() -> None:
    early = event_of(datetime(2026, 11, 25, 14, tzinfo=UTC))  # two hours ahead of NOW

    done, sent = tried(of_topic(early, Reason.FUTURE_TIME))

    assert "more than an hour ahead" in done.refused
    assert sent == []


@pytest.mark.parametrize("later", [timedelta(hours=1.5), timedelta(days=800)])
def test_what_was_ahead_is_booked_once_its_time_has_come_however_late(later: timedelta) -> None:
    """As of the moment it came it is ahead still; as of 800 days later its day is closed."""
    happened_at = NOW + 2 * HOUR
    letter = of_topic(event_of(happened_at), Reason.FUTURE_TIME)

    done, [record] = resent(letter, now=NOW + later)

    assert done.events == 1
    sent_at = min(happened_at, NOW + later)
    assert record.timestamp_ms == sent_at.timestamp() * 1000
    assert booked(record) == (1, [])


def test_what_came_too_late_stays_refused_until_the_books_are_open_for_longer() -> None:
    late = of_topic(event_of(NOW - timedelta(days=500)), Reason.TOO_OLD)
    port = msgspec.structs.replace(BOOK.port, open_days=600)

    done, sent = tried(late)
    after, again = tried(late, msgspec.structs.replace(BOOK, port=port))

    assert "raise port.open_days" in done.refused
    assert sent == []
    assert (after.events, len(again)) == (1, 1)


def test_a_letter_that_does_not_know_when_kafka_got_its_record_takes_when_it_was_refused() -> None:
    letter = of_topic(moved(FLAT), Reason.UNKNOWN_TERMINAL)
    older = msgspec.structs.replace(letter, received_at=None, at=NOW - 30 * HOUR)

    _, [record] = resent(older)

    assert record.timestamp_ms == (NOW - 30 * HOUR).timestamp() * 1000


def test_a_letter_in_binary_mode_goes_again_as_the_event_that_it_is() -> None:
    event = moved(FLAT)
    raw, headers = in_binary_mode(event)
    letter = DeadLetter(
        MOVES.name, 1, 5, Reason.UNKNOWN_TERMINAL, "", raw, key=b"k", headers=headers
    )

    done, sent = tried(wire.decode_dead_letter(wire.encode(letter)))
    bare, nothing = tried(msgspec.structs.replace(letter, headers=()))

    assert (done.events, done.refused) == (1, "")
    assert sent == [event]
    assert "`type`" in bare.refused
    assert nothing == []


def test_what_has_two_letters_goes_again_once_and_its_attempts_are_counted() -> None:
    letter = msgspec.structs.replace(of_topic(moved(FLAT), Reason.UNKNOWN_TERMINAL), attempts=2)
    sent: list[Encoded] = []

    async def keep(record: Encoded) -> None:
        sent.append(record)

    async def both() -> list[int]:
        retry = Retry(BOOK, NOW, keep)
        return [(await retry.again(NumberedDeadLetter(n, letter))).events for n in (0, 1)]

    assert asyncio.run(both()) == [1, 0]
    (record,) = sent
    assert attempt(record.headers) == 3
    assert structured(record.value, record.headers) == record.value
