"""The addresses that take a figure apart: /explain as a page, /explain.csv as a file."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from aiohttp import web

from contract.book import Book
from contract.errors import StackError
from register.questions import RegisterQuestions, VersionRow
from register.selection import Selection, SummedUnit
from stack.explaining.record_table import OF_A_CHANGE, place, record_table
from web.figures.site_figures import SiteFigures
from web.pages.asked_figure import AskedFigure
from web.pages.explained_figure import CSV, ExplainedFigure, explained_figure
from web.pages.page_frame import EXPLAINED, waiting_page
from web.pages.page_tables import MOST_SHOWN
from web.pages.view import PageView
from web.server.owner import owner_of

MOST_IN_A_FILE = 100_000
"""Records of one file: 300 MB of memory while it is made."""
AT_ONCE = 2


class SiteNow(Protocol):
    """Where the pages find the port's areas and the hour."""

    figures: SiteFigures | None
    failure: str


class FigurePages:
    """Answers from a register, which another process keeps up to date."""

    def __init__(
        self, folder: Path, book: Book, newest: SiteNow, now: Callable[[], datetime]
    ) -> None:
        self._folder, self._book, self._newest, self._now = folder, book, newest, now
        self._few = asyncio.Semaphore(AT_ONCE)

    def add_to(self, application: web.Application) -> None:
        """Add both addresses."""
        application.add_routes([web.get(EXPLAINED, self._page), web.get(CSV, self._file)])

    async def _page(self, request: web.Request) -> web.Response:
        view, asked = self._asked(request)
        site = self._newest.figures
        if site is None:
            body = waiting_page(self._newest.failure, view)
        else:
            owner = owner_of(site, view)
            async with self._few:
                found = await asyncio.to_thread(self._found, asked, owner.code)
            body = explained_figure(asked, found, site, owner, view)
        return web.Response(body=body.encode(), content_type="text/html", charset="utf-8")

    async def _file(self, request: web.Request) -> web.Response:
        view, asked = self._asked(request)
        site = self._newest.figures
        if site is None:
            raise web.HTTPServiceUnavailable(text="the books are being read")
        selection = asked.selection(owner_of(site, view).code)
        async with self._few:
            rows = await asyncio.to_thread(self._rows, asked, selection, MOST_IN_A_FILE)
        if len(rows) > MOST_IN_A_FILE:
            raise web.HTTPRequestEntityTooLarge(
                MOST_IN_A_FILE,
                len(rows),
                text=f"more than {MOST_IN_A_FILE:,} records: choose a shorter period, or use "
                "`quaymark explain --records --csv FILE`",
            )
        table = record_table(rows, self._book.tz, OF_A_CHANGE if asked.is_change else ())
        return web.Response(
            body=table.as_csv(),
            content_type="text/csv",
            charset="utf-8",
            headers={"Content-Disposition": f'attachment; filename="{asked.period[:10]}.csv"'},
        )

    def _asked(self, request: web.Request) -> tuple[PageView, AskedFigure]:
        view = PageView.of(request.query, request.headers.get("Accept-Language", ""))
        return view, AskedFigure.of(request.query, self._now(), self._book.tz)

    def _found(self, asked: AskedFigure, area: str) -> ExplainedFigure:
        """Return what a page shows; a register that can't be read is a fault on the page."""
        at, selection = asked.known or self._now(), asked.selection(area)
        try:
            ask = RegisterQuestions(self._folder, self._book.tz)
            _, kept_to = ask.known_span()
            if kept_to is None:
                return ExplainedFigure(at)
            records = self._rows(asked, selection, MOST_SHOWN) if asked.records else []
            if asked.is_change:
                assert asked.since is not None
                change = ask.change(selection, SummedUnit.TEU, asked.since, at)
                return ExplainedFigure(at, kept_to, change=change, records=records)
            standing = ask.standing(selection, SummedUnit.TEU, at)
            classes = [] if asked.records else ask.classes(selection, at)
            return ExplainedFigure(at, kept_to, standing, classes, records=records)
        except StackError as error:
            return ExplainedFigure(at, fault=str(error))

    def _rows(self, asked: AskedFigure, selection: Selection, most: int) -> list[VersionRow]:
        """Return the records of a figure, one more than `most` if there are more."""
        ask, at = RegisterQuestions(self._folder, self._book.tz), asked.known or self._now()
        if asked.is_change:
            assert asked.since is not None
            of = selection, SummedUnit.TEU
            rows = ask.changed_records(of, asked.since, at, most + 1, asked.cause)
        else:
            rows = ask.standing_records(selection, at, most + 1)
        return [row | {"place": place(row)} for row in rows]
