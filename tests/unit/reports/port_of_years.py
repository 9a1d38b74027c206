"""A port of two terminals with the same TEU each day, so that every figure is worked by hand."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache

import msgspec
from msgspec.structs import replace

from contract.events import TargetSet
from contract.snapshots import Snapshot, TerminalDay
from kpis.past.all_owners import PastOfOwners
from reports.measuring.report_values import Owners, ReportMeasuring
from reports.period import Period, ReportKind
from reports.values import ReportValues
from tests.unit.kpis.builders import BOOK, box, day, target

LAST_YEAR, THIS_YEAR = 300.0, 330.0
"""TEU a day of THE; THW has half as much."""
MEASURED: dict[bytes, ReportValues] = {}
"""What was said, as JSON -> its values: many tests show the same two years, counted once."""


def days(first: str, last: str, teu: float = THIS_YEAR) -> Iterator[TerminalDay]:
    """Days on which THE handles `teu` and THW half of it, the last move after 23:00."""
    on, end = date.fromisoformat(first), date.fromisoformat(last)
    while on <= end:
        for terminal, part in (("THE", 1.0), ("THW", 0.5)):
            boxes = (
                box(100, teu * part * 0.75),
                box(100, teu * part * 0.25, move="DISC", size="40"),
            )
            yield day(on.isoformat(), *boxes, terminal=terminal, hour=23)
        on += timedelta(1)


@cache
def two_years(last: str = "2026-11-25") -> tuple[TerminalDay, ...]:
    """All of 2025 with 300 + 150 TEU a day, and 2026 with 330 + 165."""
    return (*days("2025-01-01", "2025-12-31", LAST_YEAR), *days("2026-01-01", last))


def measured(
    *said: Snapshot | TargetSet,
    kind: ReportKind = ReportKind.DAILY,
    on: str = "2026-11-25",
    owners: Owners | None = None,
    port: Mapping[str, object] | None = None,
) -> ReportValues:
    """The values of a report; `port` changes the port of the book."""
    period = Period.of(kind, date.fromisoformat(on))
    both = owners or Owners(BOOK.area[0], BOOK.zone)
    key = msgspec.json.encode((said, period, both))
    values = MEASURED[key] if key in MEASURED else _measured(said, period, both)
    MEASURED[key] = values
    if port and values.port:
        values = replace(values, port=replace(values.port, **port))
    return values


def _measured(
    said: tuple[Snapshot | TargetSet, ...], period: Period, owners: Owners
) -> ReportValues:
    past = PastOfOwners(BOOK)
    for one in said:
        past.take(one)
    return ReportMeasuring(BOOK, past, period).values(owners)


PLAN = target(165_000)
"""165,000 TEU in 2026 by the builders' months: 8 % in November, so 440 a day there."""
