import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from contract.book import Book, read_book
from contract.container import NumberFlag, number_flag
from contract.events import ContainerMoved, EquipmentEvent, Mode, MoveRetracted, MoveStatus
from contract.wire import decode, encode
from producers.simulate.seasonality import expected_teu
from producers.simulate.simulated_port import simulate, sources_of
from producers.simulate.sources import TimedEvent

ROOT = Path(__file__).parents[4]
BOOK = read_book((ROOT / "quaymark.toml").read_text(encoding="utf-8"), "quaymark.toml")
QUAY = {EquipmentEvent.LOAD, EquipmentEvent.DISC}
FIRST, LAST = date(2026, 5, 1), date(2026, 5, 31)

# DOMAIN.md 3, by the first character, for the codes that the simulator draws
TEU = {"1": 0.5, "2": 1.0, "3": 1.5, "4": 2.0, "L": 2.25, "M": 2.4, "0": 0.0}
NO_TEU = {MoveStatus.SHIFTER, MoveStatus.SHORTLANDED, MoveStatus.REMAIN_ON_BOARD}


@pytest.fixture(scope="module")
def may() -> list[TimedEvent]:
    return list(simulate(BOOK, FIRST, LAST))


@pytest.fixture(scope="module")
def standing(may: list[TimedEvent]) -> list[ContainerMoved]:
    """The newest record of each event that was not retracted: a plain recount."""
    newest: dict[tuple[str, str], ContainerMoved] = {}
    retracted: set[tuple[str, str]] = set()
    for _, event in may:
        if isinstance(event, MoveRetracted):
            retracted.add((event.source, event.data.retractedEventID))
        elif isinstance(event, ContainerMoved):
            key = event.source, event.id
            if key not in newest or event.recordedtime > newest[key].recordedtime:
                newest[key] = event
    return [event for key, event in newest.items() if key not in retracted]


def _teu_of(event: ContainerMoved) -> float:
    move = event.data
    if move.equipmentEventTypeCode not in QUAY or move.moveStatus in NO_TEU:
        return 0.0
    return TEU[(move.ISOEquipmentCode or "0")[0]]


def test_a_day_is_the_same_bytes_whoever_asks_and_whenever(may: list[TimedEvent]) -> None:
    day = date(2026, 5, 17)
    of_the_run = [e for at, e in may if at.astimezone(BOOK.tz).date() == day]

    alone = simulate(BOOK, day, day)

    assert [encode(event) for _, event in alone] == [encode(event) for event in of_the_run]


def test_a_day_is_the_same_in_another_process_with_another_hash_seed() -> None:
    module = "tests.unit.producers.simulate.test_simulated_port"
    program = f"from {module} import digest; print(digest(), end='')"

    elsewhere = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PYTHONHASHSEED": "7", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    assert elsewhere.stdout == digest()


def digest() -> str:
    day = date(2026, 2, 17)
    return sha256(b"\n".join(encode(event) for _, event in simulate(BOOK, day, day))).hexdigest()


def test_every_event_is_one_that_the_contract_reads_back(may: list[TimedEvent]) -> None:
    for _, event in may[:3000]:
        assert decode(encode(event)) == event


def test_events_are_sent_in_order_within_the_days_asked_for(may: list[TimedEvent]) -> None:
    assert all(before.at <= after.at for before, after in pairwise(may))
    assert datetime(2026, 5, 1, tzinfo=BOOK.tz) <= may[0].at
    assert may[-1].at < datetime(2026, 6, 1, tzinfo=BOOK.tz)


def test_no_record_is_sent_before_it_was_made_nor_made_before_its_move(
    may: list[TimedEvent],
) -> None:
    for at, event in may:
        assert event.time <= event.recordedtime <= at


def test_sources_are_the_terminals_and_spread_as_the_port_does(may: list[TimedEvent]) -> None:
    sources = Counter(event.source for _, event in may)

    assert set(sources) == set(sources_of(BOOK)) == {f"/tonghai/TH{way}" for way in "ECW"}
    # 45, 33 and 22 in a hundred, by the task; ±8 % noise a day, 31 days
    for source, share in (("/tonghai/THC", 0.45), ("/tonghai/THE", 0.33), ("/tonghai/THW", 0.22)):
        assert sources[source] / len(may) == pytest.approx(share, abs=0.02)


def test_moves_are_mixed_as_at_the_port(standing: list[ContainerMoved]) -> None:
    moves = [event.data for event in standing]
    quay = [move for move in moves if move.equipmentEventTypeCode in QUAY]

    def share(count: int) -> float:
        return count / len(quay)

    sizes = Counter((move.ISOEquipmentCode or "0")[0] for move in quay)
    statuses = Counter(move.moveStatus for move in quay)
    kinds = Counter(move.equipmentEventTypeCode for move in moves)
    barges = sum(
        m.transportCall is not None and m.transportCall.modeOfTransport is Mode.BARGE for m in quay
    )
    assert share(sizes["2"]) == pytest.approx(0.32, abs=0.01)
    assert share(sizes["4"]) == pytest.approx(0.646, abs=0.01)
    assert share(sizes["L"]) == pytest.approx(0.02, abs=0.004)
    assert share(sizes["0"]) == pytest.approx(0.005, abs=0.002)
    assert share(statuses[MoveStatus.TRANSHIPMENT]) == pytest.approx(0.24, abs=0.01)
    assert share(statuses[MoveStatus.SHIFTER]) == pytest.approx(0.015, abs=0.003)
    assert share(barges) == pytest.approx(0.20, abs=0.05)
    assert share(kinds[EquipmentEvent.LOAD]) == pytest.approx(0.5, abs=0.03)
    assert kinds[EquipmentEvent.GTIN] / kinds[EquipmentEvent.GTOT] == pytest.approx(1, abs=0.05)
    assert all(move.isTransshipmentMove == (move.moveStatus == 6) for move in quay)


def test_mishaps_happen_as_often_as_they_should(may: list[TimedEvent]) -> None:
    moved = [event for _, event in may if isinstance(event, ContainerMoved)]
    by_id: dict[tuple[str, str], list[bytes]] = defaultdict(list)
    for event in moved:
        by_id[event.source, event.id].append(encode(event))
    repeated = sum(len(set(records)) < len(records) for records in by_id.values())
    amended = sum(len(set(records)) > 1 for records in by_id.values())
    late = sum(event.recordedtime - event.time >= timedelta(days=1) for event in moved)
    retractions = [(at, e) for at, e in may if isinstance(e, MoveRetracted)]
    first_seen = {(e.source, e.id): at for at, e in reversed(may) if isinstance(e, ContainerMoved)}
    overtaken = sum(
        first_seen.get((e.source, e.data.retractedEventID), at) > at for at, e in retractions
    )

    assert repeated / len(by_id) == pytest.approx(0.005, abs=0.0015)
    assert late / len(by_id) == pytest.approx(0.0115, abs=0.003)  # late ones and amended days
    assert amended / len(by_id) == pytest.approx(0.002, abs=0.001)
    assert len(retractions) / len(by_id) == pytest.approx(0.001, abs=0.0005)
    assert 0 < overtaken < len(retractions)


def test_few_containers_have_an_odd_number(standing: list[ContainerMoved]) -> None:
    flags = Counter(number_flag(event.data.equipmentReference) for event in standing)

    total = flags.total()
    assert flags[NumberFlag.CHECK_DIGIT] / total == pytest.approx(0.003, abs=0.001)
    assert 0 < flags[NumberFlag.MISSING] / total < 0.002
    assert flags[NumberFlag.NOT_ISO] == 0


def test_a_month_brings_the_teu_that_the_season_expects(standing: list[ContainerMoved]) -> None:
    expected = sum(expected_teu(date(2026, 5, day)) for day in range(1, 32))

    handled = sum(
        _teu_of(event) for event in standing if event.time.astimezone(BOOK.tz).month == 5
    )

    # noise: ±8 % a terminal and day, 93 of them, is 0.5 % in the sum; some records come in June
    assert handled / expected == pytest.approx(1, abs=0.02)


def test_a_port_with_summer_time_has_days_of_23_and_25_hours() -> None:
    text = (ROOT / "quaymark.toml").read_text(encoding="utf-8")
    book: Book = read_book(text.replace("Asia/Shanghai", "Europe/Berlin"), "berlin.toml")

    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25)):
        begins = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Europe/Berlin"))
        sent = [due.at for due in simulate(book, day, day)]

        assert min(sent) >= begins
        assert max(sent) - min(sent) <= timedelta(hours=hours)
        assert max(sent).astimezone(UTC) < begins.astimezone(UTC) + timedelta(hours=hours)
