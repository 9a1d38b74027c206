"""The pages that take a figure apart: totals, then records, then a file, a click each."""

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from register.store import RegisterStore
from tests.unit.ledger.records import BOOK, NOW, moved, retracted, topic
from tests.unit.web.test_page_server import Fixed, site
from web.figures.site_figures import SiteFigures
from web.server.figure_pages import FigurePages
from web.server.find_pages import FindPages
from web.server.guard import HEADERS, HostGuard
from web.server.register_source import RegisterSource

LATER = NOW + timedelta(days=1)
DAY = "period=2026-03-01"
SINCE, KNOWN = "2026-03-10T12:00:00%2B08:00", "2026-03-11T12:00:00%2B08:00"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20, 40 and 45 ft at THE on 1 March; a day later that of 40 ft is withdrawn.

    A move at an unknown terminal was refused.
    """
    folder = tmp_path_factory.mktemp("register")
    store = RegisterStore(folder, BOOK)
    first = [moved("a", number="<b>"), moved("b", size="45G1"), moved("c", size="L5G1")]
    store.add({0: topic([*first, moved("x", terminal="THX")])})
    store.add({0: topic([retracted("b")], first=4, received=LATER)})
    return folder


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("changing")
    store, today = RegisterStore(folder, BOOK), "2026-03-11T08:00:00+08:00"
    store.add({0: topic([moved("a"), moved("b", size="45G1"), moved("c", size="L5G1")])})
    amended = moved("c", recorded=today)
    new = [moved("d", today, terminal="THC"), moved("e", today, size="45G1")]
    store.add({0: topic([retracted("b"), amended, *new], first=3, received=LATER)})
    return folder


def places(page: str) -> list[int]:
    """The offsets of the records on a page."""
    return sorted(int(one) for one in re.findall(r"port\.moves\.raw/0/([0-9]+)", page))


class Got:
    """An answer."""

    def __init__(self, status: int, text: str, headers: Any) -> None:
        self.status, self.text, self.headers = status, text, headers

    def links(self) -> Iterator[str]:
        return (unescape(one) for one in re.findall(r'href="(/explain[^"]*)"', self.text))


def get(
    folder: Path, path: str, host: str = "127.0.0.1", figures: SiteFigures | None = None
) -> Got:
    async def run() -> Got:
        application = web.Application(middlewares=[HostGuard("127.0.0.1", ()).middleware()])
        newest = Fixed(figures or site())
        register = RegisterSource(folder, BOOK, newest, lambda: LATER)
        FigurePages(register).add_to(application)
        FindPages(register).add_to(application)
        async with TestClient(TestServer(application)) as client:
            answer = await client.get(path, headers={"Host": host})
            return Got(answer.status, await answer.text(), answer.headers)

    return asyncio.run(run())


def test_a_day_leads_to_its_terminal_its_class_and_a_refused_reason(folder: Path) -> None:
    day = get(folder, f"/explain?lang=en&{DAY}")

    # 1.00 and 2.25 stand; 2.00 was withdrawn
    assert "<b>3.25 TEU, 2 moves</b> as known on 2026-03-11 12:00:00" in day.text
    assert day.headers.items() >= HEADERS.items()
    links = list(day.links())
    [refused] = [one for one in links if "reason=unknown_terminal" in one]
    [of_45_feet] = [one for one in links if "size_feet=45" in one]
    [terminal] = [one for one in links if "terminal=THE" in one and "state=counted" in one]
    set_aside = get(folder, refused).text
    assert "port.moves.raw/0/3" in set_aside
    assert "<b>1 records</b> as known on" in set_aside
    assert "port.moves.raw/0/2" in get(folder, of_45_feet).text
    found = get(folder, terminal).text
    assert found.count("port.moves.raw/0/") == 2
    assert ">&lt;b&gt;</a>" in found  # text of others is no markup


def test_both_languages_say_the_same(folder: Path) -> None:
    chinese = get(folder, f"/explain?lang=zh&{DAY}").text

    assert "3.25 标箱，2 次作业" in chinese
    assert "搁置" in chinese
    assert "数字由来" in chinese


def test_a_moment_of_before_shows_what_stood_then(folder: Path) -> None:
    assert "5.25 TEU, 3 moves" in get(folder, f"/explain?lang=en&{DAY}&known={SINCE}").text


def test_a_change_is_told_by_its_causes_and_leads_to_its_records(folder: Path) -> None:
    change = get(folder, f"/explain?lang=en&{DAY}&since={SINCE}&known={KNOWN}")

    assert "5.25 → 3.25 TEU: -2.00" in change.text
    assert "retracted" in change.text
    records = {one for one in change.links() if "records=1" in one}
    # all of it, its only cause, and its only cause, terminal, day and source
    assert len(records) == 3
    for one in records:
        assert "port.moves.raw/0/1" in get(folder, one).text


def test_a_cause_of_a_change_leads_to_its_records_and_no_others(changing: Path) -> None:
    """From 12:00 to 12:00: b of 40 ft withdrawn, c of 45 ft is one of 20, d and e are new."""
    asked = f"lang=en&period=2026&since={SINCE}&known={KNOWN}"
    change = get(changing, f"/explain?{asked}")

    # 1.00 + 2.00 + 2.25 = 5.25, then -2.00, -1.25, and 1.00 + 2.00 more
    assert "5.25 → 5.00 TEU: -0.25" in change.text
    by_cause = {
        cause: one
        for one in change.links()
        if (cause := parse_qs(urlsplit(one).query).get("cause", [""])[0])
        and "terminal=" not in one
    }
    assert set(by_cause) == {"retracted", "amended", "new"}
    offsets = {"retracted": [1], "amended": [4], "new": [5, 6]}
    said = {"retracted": "retracted: -2.00", "amended": "amended: -1.25", "new": "moves: +3.00"}
    for cause, address in by_cause.items():
        found = get(changing, address).text
        assert places(found) == offsets[cause]
        assert f"{said[cause]} TEU" in found
        file = get(changing, address.replace("/explain?", "/explain.csv?")).text
        assert file.count("port.moves.raw/0/") == len(offsets[cause])
    [of_d] = [one for one in change.links() if "cause=new" in one and "terminal=THC" in one]
    assert "period=2026-03-11" in of_d
    found = get(changing, of_d).text
    assert places(found) == [5]
    assert "0.00 → 1.00 TEU: +1.00" in found


def test_yesterday_is_shown_where_no_day_is_named(folder: Path) -> None:
    found = get(folder, "/explain?lang=en").text

    assert "· 2026-03-10</title>" in found
    assert "Nothing is booked here" in found


@pytest.mark.parametrize(
    ("terminals", "says"),
    [
        (".*", "5.25 TEU, 3 moves"),
        ("THC|TH.", "5.25 TEU, 3 moves"),
        ("THC|TH", "Nothing is booked"),
    ],
)
def test_a_board_names_the_terminals_that_are_chosen(
    folder: Path, terminals: str, says: str
) -> None:
    known = "known=2026-03-10T13:00:00%2B08:00"

    assert says in get(folder, f"/explain?lang=en&{DAY}&{known}&terminals={terminals}").text


@pytest.mark.parametrize(
    ("to", "says"),
    [
        ("1773118800000", "5.25 TEU, 3 moves"),  # 13:00 on 10 March: before 2.00 were withdrawn
        ("1773201550000", "3.25 TEU, 2 moves"),  # 50 seconds before LATER: the board of just now
        ("1798732799000", "3.25 TEU, 2 moves"),  # the end of the year, which lies ahead
    ],
)
def test_the_end_of_a_boards_range_is_the_moment_or_now(folder: Path, to: str, says: str) -> None:
    found = get(folder, f"/explain?lang=en&{DAY}&shown={to}").text

    assert says in found
    assert ("what changed since then" in found) is says.startswith("5.25")


def test_a_month_or_a_year_is_that_of_a_moment(folder: Path) -> None:
    for span, period in (("month", "2026-03"), ("year", "2026")):
        found = get(folder, f"/explain?lang=en&at=2026-03-31T23:30&span={span}").text
        assert f"· {period}</title>" in found


def test_records_of_a_reason_are_those_that_came_in_between(folder: Path) -> None:
    every = "/explain?lang=en&period=all&reason=unknown_terminal&records=1"

    came = get(folder, f"{every}&since=2026-03-10T11:00&known=2026-03-11T11:00").text
    later = get(folder, f"{every}&since=2026-03-10T13:00").text

    assert ("1 records</b> known from 2026-03-10 11:00:00" in came, places(came)) == (True, [3])
    assert ("0 records</b>" in later, places(later)) == (True, [])


def test_a_file_has_the_records(folder: Path) -> None:
    found = get(folder, f"/explain.csv?lang=en&{DAY}&state=counted")

    assert found.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert found.headers["Content-Disposition"] == 'attachment; filename="2026-03-01.csv"'
    lines = found.text.lstrip("\ufeff").splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("event_time,move,area,terminal,container")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("period=2026-13", "period=2026-13 is no period"),
        ("known=yesterday", "known=yesterday: no moment"),
        ("since=24", "since=24: no moment"),
        ("at=Sunday", "at=Sunday: no moment"),
        ("class=reefer", "class=reefer: expected one of load, discharge"),
        (f"source={'x' * 257}", "source has 257 characters"),
        ("known=0001-01-01T00:00%2B14:00", "known=0001-01-01T00:00+14:: no moment"),
        ("at=9999-12-31T23:59:59-14:00", "at=9999-12-31T23:59:59-: no moment"),
        ("since=24h&known=0001-01-01", "known=0001-01-01: no moment"),
        ("since=2026-03-11&known=2026-03-10", "since=2026-03-11 is after what is known"),
        ("terminal=THE&terminal=THC", "terminal is given more than once"),
        ("lang=fr", "lang=fr"),
        ("cause=late", "cause=late: only a change has causes"),
        ("since=24h&cause=weather", "cause=weather: expected one of new, late"),
        ("span=week", "span=week: expected one of day, month, year"),
        ("terminals=T(*", "terminals=T(*: expected codes with | between them"),
        ("period=all", "period=all: expected a state or a reason beside it"),
        ("year=2026", "year: expected some of period, at, span"),
        ("ship=THE", "ship: expected some of period, at, span"),
    ],
)
def test_what_can_not_be_read_is_told(folder: Path, query: str, says: str) -> None:
    for path in ("/explain", "/explain.csv"):
        found = get(folder, f"{path}?{query}")
        assert (found.status, says in found.text) == (400, True)


def test_now_has_what_came_by_a_clock_that_is_ahead(tmp_path: Path) -> None:
    ahead = LATER + timedelta(minutes=10)
    RegisterStore(tmp_path, BOOK).add({0: topic([moved("a")], received=ahead)})

    # 20 ft, known ten minutes after the page's own clock
    assert "<b>1.00 TEU, 1 moves</b>" in get(tmp_path, f"/explain?lang=en&{DAY}").text
    assert "port.moves.raw/0/0" in get(tmp_path, f"/explain.csv?{DAY}").text


def test_other_names_are_answered_with_nothing(folder: Path) -> None:
    assert get(folder, "/explain", host="elsewhere.example").status == 421


def test_a_register_that_is_not_there_or_damaged_is_told(tmp_path: Path) -> None:
    assert "holds no record yet" in get(tmp_path, "/explain?lang=en").text

    (tmp_path / "catalog.json").write_bytes(b"{")
    found = get(tmp_path, "/explain?lang=en").text
    assert 'role="alert"' in found
    assert "quaymark register rebuild" in found
