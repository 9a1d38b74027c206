"""The issued reports that a page lists, and their files: only those that an issue names."""

from typing import NamedTuple

from aiohttp import web

from contract.errors import StackError
from contract.reporting.issued_report import IssuedReport
from stack.reporting.report_store import ReportStore


class Issued(NamedTuple):
    """The issued reports, and why some can't be read."""

    reports: list[IssuedReport]
    fault: str = ""


class IssuedFiles:
    """The issued reports of a folder, as they are at each request."""

    def __init__(self, store: ReportStore) -> None:
        self._store = store

    def issued(self) -> Issued:
        """Return the reports without their figures."""
        try:
            return Issued(self._store.issued())
        except StackError as error:
            return Issued([], str(error))

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Answer with a file of an issued report."""
        asked = request.match_info
        for report in self.issued().reports:
            if report.number != asked["number"]:
                continue
            path = self._store.folder_of(report) / asked["file"]
            if asked["file"] in {file.name for file in report.files} and path.is_file():
                return web.FileResponse(path)
        raise web.HTTPNotFound(text="no issued report has such a file; /reports lists them")
