"""The quality of partners: each record of a day is in the part that is its own."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from contract.book import Area, Partner, Terminal
from contract.events import Label
from contract.snapshots import IN_A_FILE, DeadLetter
from contract.wire import encode
from register.partner_quality import PartnerQuality, partner_quality, partner_quality_of_days
from register.store import RegisterStore
from tests.unit.ledger.records import BOOK, NOW, Raw, moved, retracted

WITH_PARTNERS = replace(
    BOOK,
    partner=(
        Partner(name="east", time_zone="UTC"),
        Partner(name="west", time_zone="UTC", senders=("WESTLINE",)),
        Partner(name="quiet", time_zone="UTC"),
    ),
)
offsets: Iterator[int] = count()


def came(event: Any, hours_ago: float) -> Raw:
    at = NOW - timedelta(hours=hours_ago)
    return Raw(next(offsets), encode(event), round(at.timestamp() * 1000))


def of(source: str, event_id: str, **other: Any) -> Any:
    return moved(event_id, source=source, **other)


def before(hours: float) -> str:
    return (NOW - timedelta(hours=hours)).isoformat()


def measured(folder: Path, records: list[Raw]) -> dict[str, PartnerQuality]:
    RegisterStore(folder, WITH_PARTNERS).add({0: records})
    return {one.partner: one for one in partner_quality(folder, WITH_PARTNERS, NOW)}


def test_each_record_of_a_day_is_in_its_own_part(tmp_path: Path) -> None:
    east, recorded = "/csv/east", before(30)
    found = measured(
        tmp_path,
        [
            # before the 24 hours: four, one of them refused
            *(came(of(east, f"old{n}", recorded=recorded), 26) for n in range(3)),
            came(of(east, "bad", terminal="T9", recorded=recorded), 25),
            # 1 h and 3 h after they happened
            came(of(east, "a", time=before(3), recorded=before(2)), 2),
            came(of(east, "b", time=before(5), recorded=before(4)), 2),
            # the first again: it changes nothing
            came(of(east, "a", time=before(3), recorded=before(2)), 1.5),
            # old0 is amended, and old1 retracted
            came(of(east, "old0", size="42G1", time=before(2), recorded=before(1)), 1),
            came(retracted("old1", source=east, recorded=before(1)), 1),
            # refused: two unknown terminals
            came(of(east, "c", terminal="T9", recorded=before(1)), 1),
            came(of(east, "d", terminal="T9", recorded=before(1)), 1),
            # they count with a flag: a wrong check digit, and no size; 1 h after they happened
            came(of(east, "e", number="CSQU3054384", time=before(2), recorded=before(1)), 1),
            came(of(east, "f", size=None, time=before(2), recorded=before(1)), 1),
        ],
    )["east"]
    assert found.received == 9
    assert found.refused == {"unknown_terminal": 2}
    assert (found.repeated, found.amended, found.flagged) == (1, 1, 2)
    assert found.accepted == 9 - 2 - 1
    assert found.usual_refused == 1 / 4
    assert found.last == NOW - timedelta(hours=1)
    # delays of a, b, a again, old0, e, f: 1, 3, 1.5, 1, 1, 1 h; sorted 1 1 1 1 1.5 3: the median
    # is 1, and 95 % of the way is at 4.75: 1.5 + 0.75 * 1.5 = 2.625
    assert found.delays == (3600, 2.625 * 3600)
    assert found.share(found.all_refused) == 2 / 9


def test_partners_are_told_apart_and_nobody_in_particular_is_one(tmp_path: Path) -> None:
    found = measured(
        tmp_path,
        [
            came(of("/edifact/WESTLINE", "a", recorded=before(2)), 1),
            came(of("/tonghai/THE", "b", recorded=before(2)), 1),
        ],
    )
    assert {name: one.received for name, one in found.items()} == {
        "east": 0,
        "west": 1,
        "quiet": 0,
        "-": 1,
    }
    quiet = found["quiet"]
    assert (quiet.last, quiet.delays, quiet.usual_refused) == (None, None, None)
    assert quiet.share(quiet.accepted) is None


def test_a_register_without_records_says_nothing_of_partners(tmp_path: Path) -> None:
    assert partner_quality(tmp_path, WITH_PARTNERS, NOW) == []


def test_a_month_has_its_first_and_its_last_instant_in_the_port_s_time_zone(
    tmp_path: Path,
) -> None:
    def sent(event_id: str, at: str) -> Raw:
        """An event of an hour before Kafka got it, in Shanghai."""
        received = datetime.fromisoformat(f"{at}+08:00")
        happened = (received - timedelta(hours=1)).isoformat()
        event = of("/csv/east", event_id, time=happened, recorded=happened)
        return Raw(next(offsets), encode(event), round(received.timestamp() * 1000))

    records = [
        sent("a", "2026-02-28T23:59:59.999"),
        sent("b", "2026-03-01T00:00:00.000"),
        sent("c", "2026-03-01T23:00:00.000"),
        sent("d", "2026-03-05T07:59:00.000"),  # still the 4th in UTC
        sent("e", "2026-03-05T08:01:00.000"),
        sent("f", "2026-03-31T23:59:59.999"),
        sent("g", "2026-04-01T00:00:00.000"),
    ]
    RegisterStore(tmp_path, WITH_PARTNERS).add({0: records})

    found = partner_quality_of_days(
        tmp_path, WITH_PARTNERS, "tonghai", date(2026, 3, 1), date(2026, 4, 1)
    )

    by_name = {one.partner: one for one in found}
    # b to f; the 1st, the 5th and the 31st
    assert (by_name["east"].received, by_name["east"].days) == (5, 3)
    assert by_name["east"].delays == (3600, 3600)
    assert (by_name["quiet"].received, by_name["quiet"].days) == (0, 0)


SOUTH = Area("south", Label("南港", "South"), (Terminal("S1", Label("南一", "South One")),))
TWO_AREAS = replace(
    BOOK,
    area=(*BOOK.area, SOUTH),
    partner=(
        Partner(name="north", time_zone="UTC", terminals={"E": "THE", "C": "THC"}),
        Partner(name="both", time_zone="UTC", terminals={"E": "THE", "S": "S1"}),
        Partner(name="southern", time_zone="UTC", terminal="S1"),
        Partner(name="open", time_zone="UTC"),
    ),
)


def test_a_record_is_of_the_area_that_it_names_or_else_of_those_of_its_partner(
    tmp_path: Path,
) -> None:
    """Each partner sends a box to each area, one to nowhere, and a row that can't be read."""
    partners = [one.name for one in TWO_AREAS.partner]
    sent = [
        came(of(f"/csv/{name}", f"{name}-{terminal}", terminal=terminal, recorded=before(2)), 1)
        for name in [*partners, "stranger"]
        for terminal in ("THE", "S1", "T9")
    ]
    rows = [
        Raw(n, encode(DeadLetter(IN_A_FILE, -1, -1, "bad_value", "no", b"", origin=place)))
        for n, place in enumerate(f"/inbox/{name}/a.csv: line 2" for name in partners)
    ]
    RegisterStore(tmp_path, TWO_AREAS).add({0: sent}, rows)

    def found(area: str) -> dict[str, tuple[int, dict[str, int]]]:
        today = NOW.astimezone(TWO_AREAS.tz).date()
        days = (today - timedelta(days=1), today + timedelta(days=1))
        quality = partner_quality_of_days(tmp_path, TWO_AREAS, area, *days)
        return {one.partner: (one.received, one.refused) for one in quality}

    nowhere = {"unknown_terminal": 1, "bad_value": 1}  # refused, and without an area
    # the box of the area, and what has no area where the profile names a terminal there, or none
    assert found("tonghai") == {
        "north": (3, nowhere),
        "both": (3, nowhere),
        "southern": (1, {}),
        "open": (3, nowhere),
        "-": (2, {"unknown_terminal": 1}),
    }
    assert found("south") == {
        "north": (1, {}),
        "both": (3, nowhere),
        "southern": (3, nowhere),
        "open": (3, nowhere),
        "-": (2, {"unknown_terminal": 1}),
    }
    of_all = {one.partner: one.received for one in partner_quality(tmp_path, TWO_AREAS, NOW)}
    assert of_all == {"north": 4, "both": 4, "southern": 4, "open": 4, "-": 3}  # each once
