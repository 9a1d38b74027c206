"""Simulated 2019 and 2020, summed by plain code, against the published figures and dates.

The tests need no broker, but take half a minute per year.
"""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from contract.book import read_book
from contract.container import teu_hundredths
from contract.events import ContainerMoved, EquipmentEvent, MoveRetracted, MoveStatus
from producers.simulate import simulated_port

ROOT = Path(__file__).parents[3]
BOOK = read_book((ROOT / "quaymark.toml").read_text("utf-8"), "quaymark.toml")
QUAY = {EquipmentEvent.LOAD, EquipmentEvent.DISC}
NO_TEU = {MoveStatus.SHIFTER, MoveStatus.REMAIN_ON_BOARD, MoveStatus.SHORTLANDED}


def hundredths_by_day(year: int) -> Counter[date]:
    """Day -> hundredths of a TEU, from the newest record of each event that is not retracted."""
    newest: dict[tuple[str, str], tuple[int, date, int]] = {}
    retracted: set[tuple[str, str]] = set()
    for due in simulated_port.simulate(BOOK, date(year, 1, 1), date(year + 1, 1, 7)):
        event = due.event
        if isinstance(event, MoveRetracted):
            retracted.add((event.source, event.data.retractedEventID))
            continue
        assert isinstance(event, ContainerMoved)
        move, name = event.data, (event.source, event.id)
        recorded = round(event.recordedtime.timestamp())
        if name in newest and newest[name][0] >= recorded:
            continue
        counts = move.equipmentEventTypeCode in QUAY and move.moveStatus not in NO_TEU
        size = teu_hundredths(move.ISOEquipmentCode, "china") if counts else None
        newest[name] = recorded, event.time.astimezone(BOOK.tz).date(), size or 0
    days = Counter[date]()
    for name, (_, on, hundredths) in newest.items():
        if name not in retracted and on.year == year:
            days[on] += hundredths
    return days


@pytest.mark.parametrize(("year", "published"), [(2019, 1_135_800), (2020, 1_405_700)])
def test_a_published_year_is_met_to_the_hundred_and_passes_the_mark_on_its_day(
    year: int, published: int
) -> None:
    days = hundredths_by_day(year)

    # DOMAIN.md 1: about 1,135,800 TEU in 2019; 1,405,700 in 2020, 20.4 % in the first quarter
    assert round(days.total() / 100, -2) == published
    handled, passed = 0, date.min
    for on in sorted(days):
        handled += days[on]
        if handled >= 110_000_000:  # 1.1 million TEU
            passed = on
            break
    # seeded by the day, so it is this day on every machine
    assert passed == {2019: date(2019, 12, 21), 2020: date(2020, 10, 18)}[year]
    if year == 2020:
        first = sum(teu for on, teu in days.items() if on.month <= 3)
        assert first / days.total() == pytest.approx(0.204, abs=0.0005)
        # Spring Festival is on 25 January: the quietest days of the year lie around it
        assert min(days, key=days.__getitem__).month in (1, 2)
