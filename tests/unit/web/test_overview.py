"""The overview: today so far, yesterday's report, and what is said where figures are missing."""

import re
from functools import cache
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from contract.book import read_book
from reports.tree import Lang
from tests.unit.kpis.builders import BOOK, at, project
from tests.unit.web.known_site import NOON, books, gathered, morning
from web.figures.site_figures import SiteFigures
from web.pages.overview import overview
from web.pages.view import PageView

WITHOUT_ZONE = replace(BOOK, zone=None)
WITHOUT_PORT = replace(BOOK, area=())
HOSTILE = ("<script>alert(1)</script>", '" onmouseover="x', "{today}", "x" * 300)


class Seen(HTMLParser):
    """The elements of a page, and its text with one space between words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)

    def handle_data(self, data: str) -> None:
        if self.elements[-1:] != ["style"]:
            self.words.append(data)


@cache
def site() -> SiteFigures:
    late = project("p1", milestones=[("completed", "2026-10-01", None)])
    return replace(gathered(*books(), late), waiting=0)


def seen(found: SiteFigures, lang: Lang = "en", failure: str = "") -> Seen:
    return Seen(overview(found, found.owners[0], PageView(lang), failure, NOON))


def test_today_so_far_is_set_against_the_plan_of_this_moment() -> None:
    """495 since midnight; by noon 220 of the day's 440 were planned, 225 % of that."""
    text = seen(site()).text

    assert "Today 00:00–12:00 495 TEU" in text
    assert "of plan by now, 220 225.0 %" in text
    assert "last move 07:30" in text


def test_the_year_by_now_holds_today_and_the_year_to_date_ends_yesterday() -> None:
    """330 days of 495 are 163,350 by now, 329 are 162,855."""
    text = seen(site()).text

    assert "year by now 163,350" in text
    assert "Year to date (25 Nov)" in text
    assert "162,855" in text
    assert "Yesterday (25 Nov): 495 TEU on the day" in text


def test_each_terminal_is_shown_with_today_and_its_share() -> None:
    text = seen(site()).text

    assert "East 330 0" in text  # the hour from 11:00 had no move
    assert "West 165 0" in text
    assert "Port area 495 0" in text


def test_the_zones_projects_and_late_milestones_are_shown() -> None:
    """56 days from 1 October to 26 November."""
    text = seen(site()).text

    assert "Projects by stage" in text
    assert "p1 completed 56 d" in text


def test_both_languages_show_the_same_figures() -> None:
    chinese, english = seen(site(), "zh"), seen(site(), "en")

    for element in ("table", "tr", "section", "figure", "dl"):
        assert chinese.elements.count(element) == english.elements.count(element)
    for figure in ("163,350", "162,855", "225.0", "495"):
        assert figure in chinese.text
        assert figure in english.text


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_others_are_text(name: str) -> None:
    plain = seen(gathered(*books(), project("p1", milestones=[("x", "2026-10-01", None)])))
    other = seen(gathered(*books(), project(name, milestones=[(name, "2026-10-01", None)])))

    assert other.elements == plain.elements
    assert name[:6] in other.text


def test_a_page_has_no_script_and_needs_no_other_file() -> None:
    found = overview(site(), site().owners[0], PageView("zh"), "", NOON)
    plain = Seen(found)

    assert not {"script", "link", "img", "iframe", "form"} & {*plain.elements}
    assert (
        re.findall(r"(?:https?:)?//[^\s\"]+", found.replace("http://www.w3.org/2000/svg", ""))
        == []
    )
    assert re.findall(r"\son[a-z]+=", found) == []


def test_a_fresh_page_has_no_red_band_and_a_silent_quay_has_one() -> None:
    """The last move was at 07:30, so that the next one is due two hours later."""
    early = at("2026-11-26 08:00")
    fresh = replace(site(), at=early, waiting=0)

    page = overview(fresh, fresh.owners[0], PageView("en"), "", early)

    assert 'role="alert"' not in page
    assert 'role="alert"' in overview(site(), site().owners[0], PageView("en"), "", NOON)


def test_a_port_without_a_zone_shows_its_port() -> None:
    found = gathered(*books(), book=WITHOUT_ZONE)

    text = seen(found).text

    assert "Today 00:00–12:00 495 TEU" in text
    assert "Projects by stage" not in text


def test_a_zone_without_a_port_shows_its_projects() -> None:
    found = gathered(project("p1", signed="2026-03-01"), book=WITHOUT_PORT)

    text = seen(found).text

    assert "Haimen" in text
    assert "Projects by stage" in text
    assert "Today 00:00" not in text


def test_empty_books_say_how_they_are_filled() -> None:
    found = gathered()

    assert "hold neither moves nor projects: import files" in seen(found).text


def test_the_first_day_of_the_books_has_today_and_says_that_yesterday_is_missing() -> None:
    found = gathered(*morning())

    text = seen(found).text

    assert "Today 00:00–12:00 495 TEU" in text
    assert "hold no day that is over" in text


def test_a_port_in_a_zone_with_two_areas_offers_both() -> None:
    second = """
    [[area]]
    code = "lusi"
    name = { zh = "吕四港区", en = "Lusi" }
    terminal = [{ code = "LSE", name = { zh = "吕四东", en = "Lusi East" } }]
    """
    two = read_book(
        '[port]\ntime_zone = "Asia/Shanghai"\nun_location_code = "CNNTG"\n'
        '[[area]]\ncode = "tonghai"\nname = { zh = "通海港区", en = "Tonghai" }\n'
        'terminal = [{ code = "THE", name = { zh = "东", en = "East" } }]\n' + second,
        "quaymark.toml",
    )
    found = gathered(*books(), book=two)

    page = overview(found, found.owners[0], PageView("en"), "", NOON)

    assert 'href="/?lang=en&amp;area=lusi"' in page
    assert "Lusi" in page
