"""The wall: its pages follow one another, and each shows what fits on a screen."""

import re
from functools import cache

import pytest
from msgspec.structs import replace

from contract.errors import Misconfigured
from contract.events import Label
from tests.unit.kpis.builders import BOOK, project, target
from tests.unit.web.known_site import NOON, books, gathered
from tests.unit.web.test_overview import WITHOUT_PORT, WITHOUT_ZONE, Seen
from web.figures.site_figures import SiteFigures
from web.pages.view import WALL_PAGES, PageView
from web.pages.wall_pages import ROWS, wall


@cache
def site() -> SiteFigures:
    return gathered(*books(), project("p1", signed="2026-03-01"))


def shown(found: SiteFigures, view: PageView) -> str:
    return wall(found, found.owners[0], view, "", NOON)


def following(page: str) -> tuple[int, str]:
    """After how many seconds which page follows."""
    refresh = re.search(r'http-equiv="refresh" content="(\d+);url=([^"]+)"', page)
    assert refresh
    return int(refresh[1]), refresh[2].replace("&amp;", "&")


def test_the_pages_follow_one_another_and_begin_again() -> None:
    turns = [following(shown(site(), PageView("en", turn=turn))) for turn in (1, 2, 3, 4)]

    assert [to.split("turn=")[1].split("&")[0] for _, to in turns] == ["2", "3", "4", "1"]
    assert {seconds for seconds, _ in turns} == {20}


def test_a_round_keeps_what_was_asked_for() -> None:
    view = PageView("en", dark=True, seconds=45, pages=("targets", "port"))

    seconds, to = following(shown(site(), view))

    assert seconds == 45
    assert to == "/wall?lang=en&dark=1&turn=2&seconds=45&pages=targets%2Cport"


def test_each_page_shows_its_part() -> None:
    texts = [Seen(shown(site(), PageView("en", turn=turn))).text for turn in (1, 2, 3, 4)]

    assert "Ahead (+) or behind (−) plan" in texts[0]
    assert "By class" in texts[1]
    assert "165,000" in texts[0]
    assert "slowest first" in texts[2]
    assert "Projects by stage" in texts[3]
    for number, text in enumerate(texts, 1):
        assert f"{number} / 4" in text


def test_a_turn_past_the_last_page_begins_again() -> None:
    assert shown(site(), PageView("en", turn=5)) == shown(site(), PageView("en", turn=1))


def test_targets_that_do_not_fit_on_a_screen_have_several_pages() -> None:
    """14 targets and the plan are 15: 12 on one page and 3 on the next."""
    more = [
        target(
            target=f"t{n}",
            name=Label(f"目标{n}", f"Target {n:02}"),
            measures="port_throughput_ytd_teu",
        )
        for n in range(14)
    ]
    found = gathered(*books(), *more)
    view = PageView("en", pages=("targets",))

    first, second = (Seen(shown(found, replace(view, turn=turn))) for turn in (1, 2))

    assert "1 / 2" in first.text
    assert first.text.count("Target ") - second.text.count("Target ") >= ROWS - 4
    assert len(re.findall(r"Target \d\d|TEU a year", first.text + second.text)) == 15


def test_a_port_of_many_terminals_has_more_pages() -> None:
    names = [{"code": f"T{n}", "name": Label(f"码头{n}", f"Terminal {n}")} for n in range(8)]
    area = BOOK.area[0]
    terminals = tuple(replace(area.terminal[0], **one) for one in names)
    many = replace(BOOK, area=(replace(area, terminal=(*area.terminal, *terminals)),))
    found = gathered(*books(), book=many)

    text = Seen(shown(found, PageView("en", pages=("terminals",)))).text

    assert "1 / 3" in text
    assert "Terminal 7" in text


def test_a_port_without_a_zone_and_a_zone_without_a_port_have_fewer_pages() -> None:
    port = gathered(*books(), book=WITHOUT_ZONE)
    zone = gathered(project("p1", signed="2026-03-01"), book=WITHOUT_PORT)

    assert "1 / 3" in Seen(shown(port, PageView("en"))).text
    assert "1 / 2" in Seen(shown(zone, PageView("en"))).text


def test_empty_books_have_one_page_that_looks_again() -> None:
    page = shown(gathered(), PageView("en"))

    assert "1 / 1" in Seen(page).text
    assert following(page) == (
        20,
        f"/wall?lang=en&turn=1&seconds=20&pages={'%2C'.join(WALL_PAGES)}",
    )


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"pages": "port,kitchen"}, "pages=kitchen: expected some of port, terminals"),
        ({"seconds": "1"}, "seconds=1: expected a number from 5 to 3600"),
        ({"seconds": "1e3"}, "seconds=1e3: expected a number"),
        ({"turn": "0"}, "turn=0: expected a number from 1"),
        ({"turn": "9" * 5000}, "turn=9999999999999999999…: expected a number"),
        ({"turn": "²"}, "turn=²: expected a number"),
        ({"lang": "fr"}, "lang=fr: expected zh or en"),
    ],
)
def test_a_query_that_means_nothing_is_refused_with_what_is_expected(
    query: dict[str, str], wrong: str
) -> None:
    with pytest.raises(Misconfigured, match=re.escape(wrong)):
        PageView.of(query, "")


def test_without_a_choice_the_language_is_the_readers() -> None:
    assert PageView.of({}, "en-GB,en;q=0.9").lang == "en"
    assert PageView.of({}, "zh-CN,zh;q=0.9").lang == "zh"
    assert PageView.of({}, "").lang == "zh"
    assert PageView.of({"lang": "en", "utm_source": "mail"}, "zh").lang == "en"
