"""The register as the pages ask it: a few questions at once, and files of limited length."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from aiohttp import web

from contract.book import Book
from register.questions import RegisterQuestions, VersionRow
from stack.explaining.record_table import place, record_table
from web.figures.site_figures import SiteFigures

MOST_IN_A_FILE = 100_000
"""Records of one file: 300 MB of memory while it is made."""
AT_ONCE = 2
T = TypeVar("T")


class SiteNow(Protocol):
    """Where the pages find the port's areas and the hour."""

    figures: SiteFigures | None
    failure: str


class RegisterSource:
    """A register, which another process keeps up to date, and what its pages need beside it."""

    def __init__(
        self, folder: Path, book: Book, newest: SiteNow, now: Callable[[], datetime]
    ) -> None:
        self.book, self.newest, self.now = book, newest, now
        self._folder = folder
        self._few = asyncio.Semaphore(AT_ONCE)

    def questions(self) -> RegisterQuestions:
        """Return the register, to be asked by one thread."""
        return RegisterQuestions(self._folder, self.book.tz)

    async def answer(self, ask: Callable[[], T]) -> T:
        """Return the answer to questions that take a while; only a few are asked at once."""
        async with self._few:
            return await asyncio.to_thread(ask)

    def file(
        self, rows: Sequence[VersionRow], name: str, command: str, before: tuple[str, ...] = ()
    ) -> web.Response:
        """Return records as a file; `before` are further columns.

        Raises:
            HTTPRequestEntityTooLarge: there are more than it takes; `command` writes all.
        """
        if len(rows) > MOST_IN_A_FILE:
            raise web.HTTPRequestEntityTooLarge(
                MOST_IN_A_FILE,
                len(rows),
                text=f"more than {MOST_IN_A_FILE:,} records: ask for fewer, or use `{command}`",
            )
        return web.Response(
            body=record_table(rows, self.book.tz, before).as_csv(),
            content_type="text/csv",
            charset="utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
        )


def with_places(rows: Sequence[VersionRow]) -> list[VersionRow]:
    """Return records with the `place` where each lies."""
    return [row | {"place": place(row)} for row in rows]
