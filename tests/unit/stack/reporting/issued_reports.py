"""Issued reports made by hand, for tests of the folder and of the schedule."""

from datetime import UTC, date, datetime

from contract.reporting.issued_report import BY_SCHEDULE, IssuedReport
from stack.reporting.report_files import digests

FILES = {"page.pdf": b"%PDF", "figures.csv": b"a,b\n"}


def a_report(on: date = date(2026, 11, 25), edition: int = 1) -> IssuedReport:
    """A daily report with two files."""
    return IssuedReport(
        owner="tonghai",
        kind="daily",
        period=on.isoformat(),
        edition=edition,
        first=on,
        last=on,
        issued_at=datetime(2026, 11, 26, tzinfo=UTC),
        provisional=False,
        by=BY_SCHEDULE,
        version="1.0",
        fonts="f",
        offsets={"port.moves.raw": (1, 2, 3, 4)},
        files=digests(FILES),
        values=b"values",
    )
