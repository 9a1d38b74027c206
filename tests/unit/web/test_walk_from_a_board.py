"""From a number of the Port board to the records of four causes, by links alone."""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import msgspec
import pytest

from contract.book import Book
from contract.wire import encode
from register.store import RegisterStore
from tests.unit.ledger.records import BOOK, NOW, Raw, moved, retracted, topic
from tests.unit.web.test_board_links import BOARDS, PAGE, filled, links, panels
from tests.unit.web.test_figure_pages import LATER, get, places

BOXES = {"late": "LATU0001001", "retracted": "THPU0105960", "moved": "HMGU4874457"}
BOXES |= {"retried": "RESU0002002"}
TEN = "2026-03-11T10:00:00+08:00"


def with_alias(alias: str) -> Book:
    """The port, in which a terminal that was unknown is another name of THE."""
    [area] = BOOK.area
    terminals = tuple(
        msgspec.structs.replace(one, aliases=(alias,)) if one.code == "THE" else one
        for one in area.terminal
    )
    return msgspec.structs.replace(BOOK, area=(msgspec.structs.replace(area, terminal=terminals),))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """At noon of 10 March 5.00 TEU stand at THE, an hour before noon of the 11th 6.25.

    2.25 came late, 2.00 were withdrawn, 2.00 moved to THC, and 1.00 was rejected at first.
    """
    folder = tmp_path_factory.mktemp("register")
    b, c = (moved(cause, size="45G1", number=BOXES[cause]) for cause in ("retracted", "moved"))
    x = moved("retried", terminal="THX", number=BOXES["retried"])
    RegisterStore(folder, BOOK).add({0: topic([moved("a"), b, c, x])})

    came = LATER - timedelta(hours=1)
    late = moved("late", terminal="THC", size="L5G1", number=BOXES["late"])
    amended = moved("moved", size="45G1", number=BOXES["moved"], terminal="THC", recorded=TEN)
    stamp = round(came.timestamp() * 1000)
    again = (("quaymark-attempt", b"2"), ("quaymark-sent-again", b"%d" % stamp))
    resent = Raw(7, encode(x), round(NOW.timestamp() * 1000), again)
    corrected = topic([late, retracted("retracted"), amended], first=4, received=came)
    RegisterStore(folder, with_alias("THX")).add({0: [*corrected, resent]})
    return folder


def addresses(page: str, part: str) -> list[str]:
    """The addresses on a page that hold a text."""
    return [
        one for found in re.findall(r'href="([^"]*)"', page) if part in (one := unescape(found))
    ]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_four_clicks_lead_to_the_records_of_each_cause(folder: Path, lang: str) -> None:
    figures = next(one for one in panels(BOARDS[f"dashboards/{lang}/port.json"]) if one["id"] == 2)
    [changed] = {one for one in links(figures) if "since=24h" in one}
    [address] = filled(changed)

    page = get(folder, address.removeprefix(PAGE)).text

    assert "5.00 → 6.25" in page
    found = {}
    for cause, box in BOXES.items():
        of_cause = addresses(page, f"cause={cause}")[0]
        records = get(folder, of_cause).text
        of_box = get(folder, addresses(records, f"sought={box}")[0]).text
        found[cause] = places(records), places(of_box)
    # records of the cause, then of the box: 4 is late; 5 withdrew 1; 6 replaced 2; 7 is 3 again
    assert found == {
        "late": ([4], [4]),
        "retracted": ([1], [1, 5]),
        "moved": ([2, 6], [2, 6]),
        "retried": ([7], [3, 7]),
    }
