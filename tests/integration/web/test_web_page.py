"""`python -m web` over books on a real Kafka: it follows them, fits each screen, and prints."""

import re
import subprocess
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdfium2
import pytest

from contract.snapshots import Snapshot, TerminalDay
from contract.topics import PROJECT_CARDS, TERMINAL_DAYS, Topic
from contract.wire import encode, partition_of, snapshot_key
from register.store import RegisterStore
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker, Topics
from tests.integration.support.workers import Running, send, start_worker, until
from tests.unit.kpis.builders import box, day, project
from tests.unit.ledger.records import BOOK, moved, topic

DOOR = ("-m", "web")
CHROMIUM = ("chromium", "--headless", "--no-sandbox", "--disable-gpu")
SIZES = ((800, 1000), (1600, 900), (3840, 2160))
A4_POINTS = pytest.approx((595, 842), abs=2)
MEASURE = (
    "<script>addEventListener('load',()=>{const d=document.documentElement,b=document.body;"
    "document.title=[d.scrollWidth-innerWidth,Math.max(d.scrollHeight,b.scrollHeight)-innerHeight]"
    "})</script></head>"
)
"""Writes into a copy of a page by how many pixels it is too wide and too high."""


def today() -> date:
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()  # noqa: TID251  as the page reads it


def days(count: int, teu: float, offset: int = 1) -> Iterator[TerminalDay]:
    """The last days before today, with the same TEU each, two thirds at THE."""
    for back in range(count, 0, -1):
        on = (today() - timedelta(back)).isoformat()
        for terminal, part in (("THE", 2 / 3), ("THW", 1 / 3)):
            yield day(on, box(10, teu * part), terminal=terminal, hour=23, offset=offset)


def say(bootstrap: str, topic: Topic, *snapshots: Snapshot) -> None:
    records = [
        (key := snapshot_key(one), encode(one), partition_of(key, topic.partitions))
        for one in snapshots
    ]
    send(bootstrap, records, topic.name)


@pytest.fixture
def books(broker: RunningBroker, topics: Topics) -> str:
    """40 days of 495 TEU, 120 TEU today, and a project."""
    topics()
    say(broker.bootstrap, TERMINAL_DAYS, *days(40, 495.0))
    say(broker.bootstrap, TERMINAL_DAYS, day(today().isoformat(), box(6, 120.0)))
    say(broker.bootstrap, PROJECT_CARDS, project("p1", milestones=[("x", "2026-10-01", None)]))
    return broker.bootstrap


@pytest.fixture
def page(books: str, tmp_path: Path) -> Iterator[Running]:
    port = free_port()
    settings = {"web_port": str(port), "metrics_port": str(free_port()), "forecast_minutes": "0"}
    settings["prometheus_port"] = str(free_port())
    running = start_worker(books, tmp_path, free_port(), DOOR, **settings)
    running.port = port
    try:
        until("the page has figures", lambda: running.get("/healthz") == "fresh\n")
        yield running
    finally:
        if running.process.poll() is None:
            running.kill()


def test_the_page_follows_the_books_and_their_being_made_anew(
    page: Running, books: str, topics: Topics
) -> None:
    found = page.get("/?lang=en")
    assert "120 TEU" in found  # today
    assert ">495<" in found  # yesterday
    assert "the worker does not answer" in found.lower()
    assert "Not known: no Prometheus answers." in found

    say(books, TERMINAL_DAYS, day(today().isoformat(), box(9, 180.0), offset=2))
    until("a newer snapshot is shown", lambda: "180 TEU" in page.get("/?lang=en"))

    topics()
    say(books, TERMINAL_DAYS, day(today().isoformat(), box(3, 60.0)))
    until("books made anew are shown", lambda: "60 TEU" in page.get("/?lang=en"))
    assert ">495<" not in page.get("/?lang=en")


@pytest.mark.needs("chromium")
def test_pages_fit_screens_from_small_to_wall_and_paper(page: Running, tmp_path: Path) -> None:
    for lang in ("zh", "en"):
        for width, height in SIZES:
            overview = page.get(f"/?lang={lang}")
            assert overflow(overview, width, height, tmp_path)[0] <= 0
            for turn in (1, 2, 3, 4) if height < width else ():
                found = page.get(f"/wall?lang={lang}&turn={turn}")
                assert overflow(found, width, height, tmp_path) <= (0, 0), (lang, width, turn)
        printed = paper(page.get(f"/?lang={lang}"), tmp_path)
        assert [printed[n].get_size() for n in range(len(printed))] == [A4_POINTS] * len(printed)
        assert len(printed) <= 2
        text = "".join(printed[n].get_textpage().get_text_bounded() for n in range(len(printed)))
        assert "495" in text
        assert "中文" not in text  # what leads to other pages is for screens


def test_a_signal_ends_the_page_in_order(page: Running) -> None:
    assert page.stop(20) == 0


def test_without_kafka_the_page_says_so(tmp_path: Path) -> None:
    port = free_port()
    settings = {"web_port": str(port), "metrics_port": str(free_port())}
    settings["prometheus_port"] = str(free_port())
    running = start_worker(f"127.0.0.1:{free_port()}", tmp_path, 1, DOOR, **settings)
    running.port = port
    try:
        until("it says why", lambda: "Kafka" in running.get("/?lang=en"))
        assert running.stop(30) == 0
    finally:
        if running.process.poll() is None:
            running.kill()


def test_a_port_that_is_taken_is_named(page: Running, books: str, tmp_path: Path) -> None:
    second = start_worker(books, tmp_path, 2, DOOR, web_port=str(page.port))

    assert until("it gives up", lambda: second.process.poll()) == 1
    assert "change QUAYMARK_WEB_HOST or _PORT" in second.log.read_text()


def overflow(page: str, width: int, height: int, folder: Path) -> tuple[int, int]:
    """By how many pixels a page is too wide and too high for a window."""
    copy = folder / "page.html"
    copy.write_text(page.replace("</head>", MEASURE), encoding="utf-8")
    size = f"--window-size={width},{height}"
    done = subprocess.run(
        [*CHROMIUM, size, "--hide-scrollbars", "--dump-dom", copy.as_uri()],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    wide, high = done.stdout.partition("<title>")[2].partition("</title>")[0].split(",")
    return int(wide), int(high)


def paper(page: str, folder: Path) -> pypdfium2.PdfDocument:
    """A page as Chromium prints it."""
    copy, pdf = folder / "page.html", folder / "page.pdf"
    copy.write_text(page, encoding="utf-8")
    line = [*CHROMIUM, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", copy.as_uri()]
    subprocess.run(line, check=True, capture_output=True, timeout=120)
    return pypdfium2.PdfDocument(pdf)


@pytest.mark.needs("chromium")
def test_a_figure_taken_apart_fits_screens_and_lies_a_click_or_two_away(
    page: Running, tmp_path: Path
) -> None:
    at = f"{today() - timedelta(1)}T08:00:00+08:00"
    moves = [moved(f"m{number}", at, terminal="THC") for number in range(30)]
    refused = moved("x", at, terminal="a terminal that nobody knows")
    came = datetime.fromisoformat(at) + timedelta(hours=2)  # and recorded in March
    records = topic([*moves, refused], received=came)
    RegisterStore(tmp_path / "register", BOOK).add({0: records})

    for lang in ("zh", "en"):
        assert f'href="/explain?lang={lang}"' in page.get(f"/?lang={lang}")
        day = page.get(f"/explain?lang={lang}")
        assert "30.00" in day  # each of 20 ft, yesterday
        [set_aside] = [
            unescape(one)
            for one in re.findall(r'href="(/explain\?[^"]+)"', day)
            if "unknown_terminal" in one
        ]
        assert "port.moves.raw/0/30" in page.get(set_aside)
        change = page.get(f"/explain?lang={lang}&since=2020-01-01")
        [of_cause] = [
            unescape(one)
            for one in re.findall(r'href="(/explain\?[^"]+)"', change)
            if "cause=" in one and "terminal=" not in one
        ]
        box = page.get(f"/find?lang={lang}&sought=CSQU3054383")  # the number of all of them
        for width, height in SIZES:
            for found in (day, page.get(set_aside), change):
                assert overflow(found, width, height, tmp_path)[0] <= 0, (lang, width)
        for found in (page.get(of_cause), box):
            assert overflow(found, *SIZES[0], tmp_path)[0] <= 0, lang


def test_a_figure_says_that_it_equals_the_books_as_far_as_both_have_read(
    page: Running, books: str, tmp_path: Path
) -> None:
    on = today() - timedelta(1)
    at = f"{on}T08:00:00+08:00"
    moves = [moved(f"m{number}", at, terminal="THC") for number in range(30)]  # of 20 ft each
    came = datetime.fromisoformat(at) + timedelta(hours=2)
    store = RegisterStore(tmp_path / "register", BOOK)
    store.add({0: topic(moves, received=came)})

    def said() -> str:
        return page.get(f"/explain?lang=en&terminal=THC&period={on}")

    say(books, TERMINAL_DAYS, day(f"{on}", box(30, 30.0), terminal="THC", offset=29))
    until("the books agree", lambda: "Equals the books: 30.00 TEU, 30 moves." in said())
    # one more move comes to the books: a register that lacks it equals what they were before
    say(books, TERMINAL_DAYS, day(f"{on}", box(31, 31.0), terminal="THC", offset=30))
    until("an earlier reading agrees", lambda: "30.00 TEU, 30 moves, as read at" in said())
    assert 'role="alert"' not in said()
    late = moved("m30", at, terminal="THC")
    store.add({0: topic([late], first=30, received=came)})
    until("the register agrees again", lambda: "Equals the books: 31.00 TEU" in said())
