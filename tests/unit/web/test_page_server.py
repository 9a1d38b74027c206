"""What the server answers: to whom, what it refuses, and how often a page is made."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from msgspec.structs import replace

from stack.delivery.delivery_state import DeliveryStep, DeliveryStore, ReportDelivery
from stack.reporting.report_store import ReportStore
from tests.unit.stack.reporting.issued_reports import FILES, a_report
from tests.unit.web.known_site import NOON, books, gathered, later
from web.figures.site_figures import SiteFigures
from web.pages.view import PageView
from web.server.guard import HEADERS, HostGuard
from web.server.issued_files import IssuedFiles
from web.server.page_cache import MOST, PageCache
from web.server.page_server import PageServer


@cache
def site() -> SiteFigures:
    return gathered(*books())


class Fixed:
    """Figures that do not change by themselves."""

    def __init__(self, figures: SiteFigures | None, failure: str = "") -> None:
        self.figures, self.failure = figures, failure


def asked(
    work: Callable[["TestClient[Any, Any]"], Awaitable[None]],
    newest: Fixed | None = None,
    now: datetime = NOON,
    names: tuple[str, ...] = (),
    reports: Path = Path("nowhere"),
) -> None:
    """Run requests against a server on a free port."""

    async def run() -> None:
        guard, issued = HostGuard("127.0.0.1", names), IssuedFiles(ReportStore(reports))
        server = PageServer(newest or Fixed(site()), guard, lambda: now, issued)
        async with TestClient(TestServer(server.application())) as client:
            await work(client)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/reports", "text/html"),
        ("/wall?turn=2", "text/html"),
        ("/figures.json", "application/json"),
        ("/healthz", "text/plain"),
    ],
)
def test_each_address_answers_with_the_headers_that_protect_a_reader(path: str, kind: str) -> None:
    async def work(client: "TestClient[Any, Any]") -> None:
        for method in ("GET", "HEAD"):
            answer = await client.request(method, path)
            assert answer.status == 200
            assert answer.content_type == kind
            assert HEADERS.items() <= dict(answer.headers).items()
            assert "script-src" not in answer.headers["Content-Security-Policy"]

    asked(work)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:6080", 200),
        ("localhost", 200),
        ("LOCALHOST:8080", 200),
        ("[::1]:6080", 200),
        ("board.port.example", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example:6080", 421),
        ("127.0.0.1@evil.example", 421),
        ("", 421),
    ],
)
def test_only_known_host_names_are_answered(host: str, status: int) -> None:
    async def work(client: "TestClient[Any, Any]") -> None:
        answer = await client.get("/", headers={"Host": host})
        body = await answer.text()
        assert answer.status == status
        assert ("495" in body) == (status == 200)
        assert HEADERS.items() <= dict(answer.headers).items()

    asked(work, names=("board.port.example",))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_nothing_can_be_written(method: str) -> None:
    async def work(client: "TestClient[Any, Any]") -> None:
        answer = await client.request(method, "/", data=b"x" * 100)
        assert answer.status == 405
        assert set(answer.headers["Allow"].split(",")) == {"GET", "HEAD"}
        assert HEADERS.items() <= dict(answer.headers).items()

    asked(work)


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/reports/..%2f..%2fquaymark.toml",
        "/reports/%2e%2e%5cquaymark.toml",
        "/reports//etc/passwd",
        "/.quaymark/data",
        "/%00",
    ],
)
def test_a_path_out_of_the_site_leads_nowhere(path: str) -> None:
    async def work(client: "TestClient[Any, Any]") -> None:
        reader, writer = await asyncio.open_connection(client.host, client.port)
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        answer = await reader.read()
        writer.close()
        assert answer.split(b" ", 2)[1] in (b"404", b"400")
        assert b"root:" not in answer

    asked(work)


def test_a_huge_query_is_refused() -> None:
    async def work(client: "TestClient[Any, Any]") -> None:
        answer = await client.get("/?x=" + "a" * 100_000)
        assert answer.status == 400

    asked(work)


def test_a_wrong_choice_is_refused_with_what_is_expected() -> None:
    async def work(client: "TestClient[Any, Any]") -> None:
        for path, status, said in (
            ("/?lang=fr", 400, "lang=fr: expected zh or en"),
            ("/wall?pages=kitchen", 400, "expected some of port, terminals"),
            ("/?area=nowhere", 404, "no such area; there is tonghai"),
            ("/nothing", 404, "Not Found"),
        ):
            answer = await client.get(path)
            assert answer.status == status
            assert said in await answer.text()
            assert answer.content_type == "text/plain"

    asked(work)


def test_before_there_are_figures_the_page_says_why_and_looks_again() -> None:
    async def work(client: "TestClient[Any, Any]") -> None:
        page = await (await client.get("/?lang=en")).text()
        assert "The books are not read yet: no broker can be reached" in page
        assert 'http-equiv="refresh" content="3"' in page
        assert (await client.get("/healthz")).status == 503
        assert (await client.get("/figures.json")).status == 503

    asked(work, Fixed(None, "no broker can be reached"))


def test_figures_that_stand_still_are_shown_red_with_their_age() -> None:
    async def work(client: "TestClient[Any, Any]") -> None:
        page = await (await client.get("/?lang=en")).text()
        assert 'role="alert"' in page
        assert "The figures stand at 12:00, 10 minutes ago: Kafka is away" in page
        assert (await client.get("/healthz")).status == 503

    asked(work, Fixed(site(), "Kafka is away"), now=later(600))


def test_the_figures_are_those_of_the_report() -> None:
    async def work(client: "TestClient[Any, Any]") -> None:
        report = await (await client.get("/figures.json?lang=en")).json()
        assert report["period"] == "2026-11-25"
        values = {one["value"] for one in report["figures"]}
        assert 162_855.0 in values  # 329 days of 495

    asked(work)


def test_a_page_is_made_once_and_again_for_new_figures() -> None:
    made: list[SiteFigures] = []

    def make(found: SiteFigures) -> bytes:
        made.append(found)
        return b"page"

    cache = PageCache(lambda: NOON)
    for _ in range(3):
        cache.page("overview", site(), make)
    assert len(made) == 1

    newer = gathered()
    cache.prepare(newer)
    assert len(made) == 2
    cache.page("overview", newer, make)
    assert len(made) == 2


def test_while_pages_of_new_figures_are_made_the_old_ones_are_shown() -> None:
    old, new = site(), gathered()
    cache = PageCache(lambda: NOON)
    made: list[SiteFigures] = []

    def make(found: SiteFigures) -> bytes:
        made.append(found)
        if found is new:
            cache.page("overview", old, make)
        return b"page"

    cache.page("overview", old, make)
    cache.prepare(new)
    cache.page("overview", old, make)
    cache.page("overview", new, make)

    assert [id(one) for one in made] == [id(old), id(new)]


def test_a_page_that_nobody_asked_for_lately_is_not_prepared() -> None:
    made: list[SiteFigures] = []
    clock = [NOON]
    cache = PageCache(lambda: clock[0])
    cache.page("overview", site(), lambda found: made.append(found) or b"")  # type: ignore[func-returns-value]
    clock[0] = later(3600)

    cache.prepare(gathered())

    assert len(made) == 1


def test_many_different_questions_do_not_fill_the_memory() -> None:
    cache = PageCache(lambda: NOON)

    for n in range(10 * MOST):
        cache.page(PageView(seconds=n), site(), lambda _: b"page")
        assert cache.held <= MOST

    cache.prepare(gathered())
    assert cache.held <= MOST


def test_the_issued_reports_are_listed_the_newest_first_with_files_to_open(tmp_path: Path) -> None:
    store = ReportStore(tmp_path)
    for day in (24, 25):
        store.put(a_report(date(2026, 11, day)), FILES)

    async def work(client: "TestClient[Any, Any]") -> None:
        listed = await (await client.get("/reports?lang=en")).text()
        assert 0 < listed.index("25 November 2026") < listed.index("24 November 2026")
        assert 'href="/reports/tonghai/daily/2026-11-25/1/page.pdf"' in listed
        answer = await client.get("/reports/tonghai/daily/2026-11-25/1/page.pdf")
        assert (answer.status, await answer.read()) == (200, FILES["page.pdf"])
        assert HEADERS.items() <= dict(answer.headers).items()

    asked(work, reports=tmp_path)


def test_who_lacks_a_report_is_told_on_the_list(tmp_path: Path) -> None:
    """Of three deliveries one failed, one waits for its time, and one arrived."""
    ReportStore(tmp_path).put(report := a_report(), FILES)
    states = DeliveryStore(tmp_path)
    at = report.issued_at
    due = ReportDelivery(report.number, "office", "robot-1", DeliveryStep.DUE, at, at)
    states.put(due)
    states.put(replace(due, way="email-1", error="mail.port.example refuses the login"))
    states.put(replace(due, way="folder-1", step=DeliveryStep.SENT))

    async def work(client: "TestClient[Any, Any]") -> None:
        english = await (await client.get("/reports?lang=en")).text()
        assert "not delivered to office (email-1)<" in english
        assert "refuses the login" not in english
        assert "未送达：office (email-1)<" in await (await client.get("/reports?lang=zh")).text()

    asked(work, reports=tmp_path)


@pytest.mark.parametrize(
    "path",
    [
        "tonghai/daily/2026-11-25/1/issue.json",  # no file of the report
        "tonghai/daily/2026-11-25/1/..%2f1%2fpage.pdf",
        "tonghai/daily/2026-11-25/2/page.pdf",
        "../secret/daily/2026-11-25/1/page.pdf",
        "%2e%2e/daily/2026-11-25/1/page.pdf",
    ],
)
def test_only_files_that_an_issue_names_are_handed_out(path: str, tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    ReportStore(tmp_path / "reports").put(a_report(), FILES)

    async def work(client: "TestClient[Any, Any]") -> None:
        assert (await client.get(f"/reports/{path}")).status == 404

    asked(work, reports=tmp_path / "reports")


def test_a_report_that_cannot_be_read_is_told_on_the_list(tmp_path: Path) -> None:
    folder = ReportStore(tmp_path).put(a_report(), FILES)
    (folder / "issue.json").write_text("{")

    async def work(client: "TestClient[Any, Any]") -> None:
        answer = await client.get("/reports")
        assert answer.status == 200
        assert "issue.json" in await answer.text()

    asked(work, reports=tmp_path)
