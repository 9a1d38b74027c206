"""The addresses that take a figure apart: /explain as a page, /explain.csv as a file."""

from datetime import datetime

from aiohttp import web

from contract.errors import StackError
from register.columns import State
from register.questions import RegisterQuestions, VersionRow
from register.selection import Amount, MoveSums, Selection, SummedUnit
from stack.explaining.record_table import OF_A_CHANGE
from web.figures.books_comparison import compared_with_books
from web.figures.books_verdict import BooksComparison
from web.figures.site_figures import SiteFigures
from web.pages.asked_figure import AskedFigure
from web.pages.explained_figure import CSV, ExplainedFigure, explained_figure
from web.pages.page_frame import EXPLAINED, waiting_page
from web.pages.page_tables import MOST_SHOWN
from web.pages.view import PageView
from web.server.owner import owner_of
from web.server.register_source import MOST_IN_A_FILE, RegisterSource, with_places


class FigurePages:
    """Answers about figures."""

    def __init__(self, register: RegisterSource) -> None:
        self._register = register

    def add_to(self, application: web.Application) -> None:
        """Add both addresses."""
        application.add_routes([web.get(EXPLAINED, self._page), web.get(CSV, self._file)])

    async def _page(self, request: web.Request) -> web.Response:
        view, asked = self._asked(request)
        site = self._register.newest.figures
        if site is None:
            body = waiting_page(self._register.newest.failure, view)
        else:
            owner = owner_of(site, view)
            found = await self._register.answer(lambda: self._found(asked, owner.code, site))
            body = explained_figure(asked, found, site, owner, view)
        return web.Response(body=body.encode(), content_type="text/html", charset="utf-8")

    async def _file(self, request: web.Request) -> web.Response:
        view, asked = self._asked(request)
        site = self._register.newest.figures
        if site is None:
            raise web.HTTPServiceUnavailable(text="the books are being read")
        selection = asked.selection(owner_of(site, view).code)

        def ask_rows() -> list[VersionRow]:
            ask = self._register.questions()
            at = self._at(asked, ask.known_span()[1])
            return self._rows(asked, selection, at, MOST_IN_A_FILE)

        rows = await self._register.answer(ask_rows)
        command = "quaymark explain --records --csv FILE"
        of_change = OF_A_CHANGE if asked.is_change else ()
        return self._register.file(rows, asked.period[:10], command, of_change)

    def _asked(self, request: web.Request) -> tuple[PageView, AskedFigure]:
        view = PageView.of(request.query, request.headers.get("Accept-Language", ""))
        return view, AskedFigure.of(request.query, self._register.now(), self._register.book.tz)

    def _found(self, asked: AskedFigure, area: str, site: SiteFigures) -> ExplainedFigure:
        """Return what a page shows; a register that can't be read is a fault on the page."""
        at, selection = self._at(asked, None), asked.selection(area)
        try:
            ask = self._register.questions()
            _, kept_to = ask.known_span()
            if kept_to is None:
                return ExplainedFigure(at)
            at = self._at(asked, kept_to)
            records = self._rows(asked, selection, at, MOST_SHOWN) if asked.records else []
            if asked.is_change:
                assert asked.since is not None
                change = ask.change(selection, SummedUnit.TEU, asked.since, at)
                books = _books(asked, selection, (change.new, None), ask, site)
                return ExplainedFigure(at, kept_to, change=change, records=records, books=books)
            standing = ask.standing(selection, SummedUnit.TEU, at)
            classes = [] if asked.records else ask.classes(selection, at)
            counted = [part for part in standing if part.state == State.COUNTED]
            sums = MoveSums(
                sum((part.amount for part in counted), Amount(0)),
                sum(part.records for part in counted),
            )
            books = _books(asked, selection, sums, ask, site)
            return ExplainedFigure(at, kept_to, standing, classes, records=records, books=books)
        except StackError as error:
            return ExplainedFigure(at, fault=str(error))

    def _at(self, asked: AskedFigure, last: datetime | None) -> datetime:
        """Return the moment as of which a figure is asked for; now has all of the register.

        `last` is when Kafka got the newest record, by a clock that may be ahead of ours.
        """
        now = self._register.now()
        return asked.known or (now if last is None else max(now, last))

    def _rows(
        self, asked: AskedFigure, selection: Selection, at: datetime, most: int
    ) -> list[VersionRow]:
        """Return the records of a figure, one more than `most` if there are more."""
        ask = self._register.questions()
        if asked.is_change:
            assert asked.since is not None
            of = selection, SummedUnit.TEU
            rows = ask.changed_records(of, asked.since, at, most + 1, asked.cause)
        else:
            rows = ask.standing_records(selection, at, most + 1)
        return with_places(rows)


def _books(
    asked: AskedFigure,
    selection: Selection,
    shown: tuple[Amount, int | None],
    ask: RegisterQuestions,
    site: SiteFigures,
) -> BooksComparison | None:
    """Return a figure beside the books; None if they do not know such a figure."""
    if not (asked.is_of_now and asked.is_of_days_and_classes):
        return None
    return compared_with_books(selection, shown, ask.reading, site.booked, site.waiting)
