"""The addresses of the web page, and what each answers; pages are kept until figures change."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from http import HTTPStatus
from typing import Protocol

from aiohttp import web

from reports.forms.figures_json import figures_json
from web.figures.site_figures import OwnerFigures, SiteFigures
from web.pages.doubts import OLD_SECONDS
from web.pages.issued_reports import issued_reports
from web.pages.overview import overview, report_of
from web.pages.page_frame import ISSUED, OVERVIEW, WALL, waiting_page
from web.pages.view import PageView
from web.pages.wall_pages import wall
from web.server.guard import HostGuard

KEPT = 64  # pages; each view of each language counts, so that nobody fills the memory
Maker = Callable[[SiteFigures, OwnerFigures, PageView, str, datetime], str]


class NewestFigures(Protocol):
    """Where a page finds the newest figures."""

    figures: SiteFigures | None
    failure: str


class PageServer:
    """Answers requests; `application` is what a server runs."""

    def __init__(
        self, newest: NewestFigures, guard: HostGuard, now: Callable[[], datetime]
    ) -> None:
        self._newest, self._guard, self._now = newest, guard, now
        self._kept: dict[object, bytes] = {}
        self._kept_of: SiteFigures | None = None

    def application(self) -> web.Application:
        """Return the application of aiohttp; it knows no method but GET and HEAD."""
        application = web.Application(middlewares=[self._guard.middleware()])
        application.add_routes(
            [
                web.get(OVERVIEW, self._page(OVERVIEW, overview)),
                web.get(ISSUED, self._page(ISSUED, _issued)),
                web.get(WALL, self._page(WALL, wall)),
                web.get("/figures.json", self._figures),
                web.get("/healthz", self._healthz),
            ]
        )
        return application

    def _page(self, path: str, make: Maker) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            view = PageView.of(request.query, request.headers.get("Accept-Language", ""))
            site, failure = self._newest.figures, self._newest.failure
            if site is None:
                return _html(waiting_page(failure, view).encode())
            owner = _owner(site, view)
            now = self._now()
            minute = int(now.timestamp() // 60) if _age(site, now) > OLD_SECONDS else 0
            key = (path, view, failure if minute else "", minute)
            return _html(self._made(key, site, lambda: make(site, owner, view, failure, now)))

        return answer

    def _made(self, key: object, site: SiteFigures, make: Callable[[], str]) -> bytes:
        """Return a page of these figures, made once."""
        if self._kept_of is not site or len(self._kept) >= KEPT:
            self._kept, self._kept_of = {}, site
        if key not in self._kept:
            self._kept[key] = make().encode()
        return self._kept[key]

    async def _figures(self, request: web.Request) -> web.Response:
        """Answer with the figures of yesterday's report, as `report show --form json` does."""
        view = PageView.of(request.query, request.headers.get("Accept-Language", ""))
        site = self._newest.figures
        report = report_of(_owner(site, view), site, view) if site else None
        if site is None or report is None:
            raise web.HTTPServiceUnavailable(text="there are no figures of yesterday yet")
        made = self._made(("figures", view), site, lambda: figures_json(report).decode())
        return web.Response(body=made, content_type="application/json")

    async def _healthz(self, _: web.Request) -> web.Response:
        """Answer 200 while figures are fresh."""
        site = self._newest.figures
        if site and _age(site, self._now()) <= OLD_SECONDS:
            return web.Response(text="fresh\n")
        said = self._newest.failure or "the books are being read"
        return web.Response(text=f"{said}\n", status=HTTPStatus.SERVICE_UNAVAILABLE)


def _owner(site: SiteFigures, view: PageView) -> OwnerFigures:
    found = site.owner(view.area)
    if found is None:
        known = ", ".join(one.code for one in site.owners)
        raise web.HTTPNotFound(text=f"no such area; there is {known}")
    return found


def _issued(
    site: SiteFigures, owner: OwnerFigures, view: PageView, failure: str, now: datetime
) -> str:
    return issued_reports(site, owner, view)


def _age(site: SiteFigures, now: datetime) -> float:
    return (now - site.at).total_seconds()


def _html(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="text/html", charset="utf-8")
