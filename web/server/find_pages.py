"""The addresses that look for records: /find as a page, /find.csv as a file."""

import re
from http import HTTPStatus

from aiohttp import web

from contract.errors import StackError
from register.questions import VersionRow
from web.pages.found_records import FoundRecords, found_records
from web.pages.page_frame import FOUND, FOUND_CSV, waiting_page
from web.pages.page_tables import MOST_SHOWN
from web.pages.sought import Sought
from web.pages.view import PageView
from web.server.owner import owner_of
from web.server.register_source import MOST_IN_A_FILE, RegisterSource, with_places

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")
"""What a file's name has a dash for: a header has no other characters."""


class FindPages:
    """Answers what became of a box, a ship, a voyage, a document or an event."""

    def __init__(self, register: RegisterSource) -> None:
        self._register = register

    def add_to(self, application: web.Application) -> None:
        """Add both addresses."""
        application.add_routes([web.get(FOUND, self._page), web.get(FOUND_CSV, self._file)])

    async def _page(self, request: web.Request) -> web.Response:
        """Answer with the records, the first of many; with 404 if there is none."""
        view = PageView.of(request.query, request.headers.get("Accept-Language", ""))
        sought, site = Sought.of(request.query), self._register.newest.figures
        status = HTTPStatus.OK
        if site is None:
            body = waiting_page(self._register.newest.failure, view)
        else:
            owner, found = owner_of(site, view), FoundRecords()
            if sought.text:
                found = await self._register.answer(lambda: self._found(sought))
                if found.kept_to and not found.records:
                    status = HTTPStatus.NOT_FOUND
            body = found_records(sought, found, site, owner, view)
        return web.Response(
            body=body.encode(), status=status, content_type="text/html", charset="utf-8"
        )

    async def _file(self, request: web.Request) -> web.Response:
        sought = Sought.of(request.query)
        if not sought.text:
            raise web.HTTPBadRequest(text="sought is empty: expected a number or a name")
        rows = await self._register.answer(lambda: self._rows(sought, MOST_IN_A_FILE))
        if not rows:
            what = sought.by.replace("_", " ")
            raise web.HTTPNotFound(text=f"no record of {what} {sought.text} is known")
        name = _NOT_IN_NAMES.sub("-", f"{sought.by}-{sought.text}")
        return self._register.file(rows, name, "quaymark find SOUGHT --csv FILE")

    def _found(self, sought: Sought) -> FoundRecords:
        """Return what a page shows; a register that can't be read is a fault on the page."""
        try:
            _, kept_to = self._register.questions().known_span()
            return FoundRecords(kept_to, self._rows(sought, MOST_SHOWN))
        except StackError as error:
            return FoundRecords(fault=str(error))

    def _rows(self, sought: Sought, most: int) -> list[VersionRow]:
        """Return the records of what is sought, one more than `most` if there are more."""
        return with_places(self._register.questions().find(sought.by, sought.text, most + 1))
