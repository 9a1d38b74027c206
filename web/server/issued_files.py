"""The issued reports that a page lists, who lacks them, and the files that an issue names."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from aiohttp import web

from contract.errors import StackError
from contract.reporting.issued_report import IssuedReport
from stack.delivery.delivery_state import DeliveryStore
from stack.reporting.report_store import ReportStore


class Issued(NamedTuple):
    """The issued reports, why some can't be read, and who does not have them for certain."""

    reports: list[IssuedReport]
    fault: str = ""
    undelivered: Mapping[str, list[str]] = MappingProxyType({})
    """Number of a report -> its receivers after a failed attempt, or one that nobody knows of."""


class IssuedFiles:
    """The issued reports of a folder, as they are at each request."""

    def __init__(self, store: ReportStore) -> None:
        self._store = store

    def issued(self) -> Issued:
        """Return the reports without their figures."""
        try:
            return Issued(self._store.issued(), undelivered=self._undelivered())
        except StackError as error:
            return Issued([], str(error))

    def _undelivered(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for one in DeliveryStore(self._store.root).all():
            if one.is_open and (one.error or one.refused):
                found.setdefault(one.number, []).append(f"{one.receiver} ({one.way})")
        return found

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
