"""The addresses of the web page, and what each answers; pages are kept until figures change."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from http import HTTPStatus
from typing import Protocol

from aiohttp import web
from aiohttp.typedefs import Middleware

from reports.forms.figures_json import figures_json
from web.figures.site_figures import OwnerFigures, SiteFigures
from web.pages.doubts import OLD_SECONDS
from web.pages.issued_reports import ReportList, issued_reports
from web.pages.overview import overview, report_of
from web.pages.page_frame import ISSUED, OVERVIEW, WALL, waiting_page
from web.pages.view import PageView
from web.pages.wall_pages import wall
from web.server.guard import HostGuard
from web.server.issued_files import IssuedFiles
from web.server.owner import owner_of
from web.server.page_cache import PageCache

Maker = Callable[[SiteFigures, OwnerFigures, PageView, str, datetime], str]


class NewestFigures(Protocol):
    """Where a page finds the newest figures."""

    figures: SiteFigures | None
    failure: str


class PageServer:
    """Answers requests; `application` is what a server runs."""

    def __init__(
        self,
        newest: NewestFigures,
        guard: HostGuard,
        now: Callable[[], datetime],
        issued: IssuedFiles,
    ) -> None:
        self._newest, self._guard, self._now, self._issued = newest, guard, now, issued
        self._pages = PageCache(now)

    def application(self, *inner: Middleware) -> web.Application:
        """Return the application of aiohttp; it knows no method but GET and HEAD.

        `inner` are asked once the host name is known, and get its headers too.
        """
        application = web.Application(middlewares=[self._guard.middleware(), *inner])
        application.add_routes(
            [
                web.get(OVERVIEW, self._page(OVERVIEW, overview)),
                web.get(ISSUED, self._list),
                web.get(ISSUED + "/{number:[^/]+/[^/]+/[^/]+/[0-9]+}/{file}", self._issued.file),
                web.get(WALL, self._page(WALL, wall)),
                web.get("/figures.json", self._figures),
                web.get("/healthz", self._healthz),
            ]
        )
        return application

    def prepare(self, site: SiteFigures) -> None:
        """Make the pages of new figures before they are shown, in the thread that gathered them.

        The overview is made in each language, and beside it what was asked for lately.
        """
        for view in (PageView("zh"), PageView("en")):
            self._pages.ask((OVERVIEW, view), self._maker(overview, view))
        self._pages.prepare(site)

    def _page(self, path: str, make: Maker) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            view = PageView.of(request.query, request.headers.get("Accept-Language", ""))
            site = self._newest.figures
            if site is None:
                return _html(waiting_page(self._newest.failure, view).encode())
            owner_of(site, view)
            maker = self._maker(make, view)
            if _age(site, self._now()) > OLD_SECONDS:  # the page says how old, so it is made anew
                return _html(maker(site))
            return _html(self._pages.page((path, view), site, maker))

        return answer

    async def _list(self, request: web.Request) -> web.Response:
        """Answer with the list of issued reports, which changes while figures do not."""
        view = PageView.of(request.query, request.headers.get("Accept-Language", ""))
        site = self._newest.figures
        if site is None:
            return _html(waiting_page(self._newest.failure, view).encode())
        issued = await asyncio.to_thread(self._issued.issued)
        listed = ReportList(issued.reports, issued.fault, issued.undelivered)
        return _html(issued_reports(listed, site, owner_of(site, view), view).encode())

    def _maker(self, make: Maker, view: PageView) -> Callable[[SiteFigures], bytes]:
        def made(site: SiteFigures) -> bytes:
            owner = owner_of(site, view)
            return make(site, owner, view, self._newest.failure, self._now()).encode()

        return made

    async def _figures(self, request: web.Request) -> web.Response:
        """Answer with the figures of yesterday's report, as `report show --form json` does."""
        view = PageView.of(request.query, request.headers.get("Accept-Language", ""))
        site = self._newest.figures
        body = self._pages.page(("figures", view), site, _json_of(view)) if site else b""
        if not body:
            raise web.HTTPServiceUnavailable(text="there are no figures of yesterday yet")
        return web.Response(body=body, content_type="application/json")

    async def _healthz(self, _: web.Request) -> web.Response:
        """Answer 200 while figures are fresh."""
        site = self._newest.figures
        if site and _age(site, self._now()) <= OLD_SECONDS:
            return web.Response(text="fresh\n")
        said = self._newest.failure or "the books are being read"
        return web.Response(text=f"{said}\n", status=HTTPStatus.SERVICE_UNAVAILABLE)


def _json_of(view: PageView) -> Callable[[SiteFigures], bytes]:
    def made(site: SiteFigures) -> bytes:
        report = report_of(owner_of(site, view), site, view)
        return figures_json(report) if report else b""

    return made


def _age(site: SiteFigures, now: datetime) -> float:
    return (now - site.at).total_seconds()


def _html(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="text/html", charset="utf-8")
