"""Books of 2019 and of the last days, small enough to compute every value by hand.

THE handles 100 TEU a day from 1 September 2019 on, all between 08:00 and 09:00.  So the year to
date is 100·n from 09:00 of the n-th day on, and the year has 122 such days.  The port's target of
5,000 is reached on the 50th of them, 20 October, at 09:00.

Two more targets ask for 8,000 and 40,000, planned evenly over the year's days, of which 243 are
over when the books begin.  The pace against the first is 100·n·365 / (8,000·(243 + n)) when n days
are over: it is critical (below 0.90) while n < 59.7, behind (below 0.97) while n < 65.6.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from contract.events import Label, TargetSet
from contract.snapshots import ProjectCard, Snapshot, TerminalDay
from kpis.catalogue import readings
from kpis.past.all_owners import PastOfOwners
from kpis.port.books import PortBooks
from kpis.target.target_book import OwnedTarget, TargetBook
from kpis.zone.portfolio import Portfolio
from tests.unit.kpis.builders import BOOK, box, day, project, target

A_DAY = 100.0
STRETCH = 'Stretch "goal" \\ 40,000'
FIRST, LAST = date(2019, 9, 1), date(2019, 12, 31)


def steady(first: date, last: date, teu: float = A_DAY, offset: int = 1) -> Iterator[TerminalDay]:
    """Yield days with the same TEU each."""
    for n in range((last - first).days + 1):
        on = first + timedelta(n)
        yield day(str(on), box(10, teu), hour=8, offset=offset)


def this_year(now: datetime) -> tuple[TerminalDay, ...]:
    """Return the last five complete days of this year; on 1 January, its first hour."""
    today = now.astimezone(BOOK.tz).date()
    if (today.month, today.day) == (1, 1):
        return (day(str(today), box(10, A_DAY)),)
    return tuple(steady(max(today - timedelta(5), today.replace(day=1, month=1)), _before(today)))


def targets(now: datetime) -> tuple[TargetSet, ...]:
    """Return the port's target of 2019, two that were set before it, and this year's target."""
    stretch = Label("加把劲", STRETCH)
    return (
        target(8_000, "2018-12-01 00:00", period="2019", monthly=(), target="even"),
        target(40_000, "2018-12-02 00:00", period="2019", monthly=(), target="far", name=stretch),
        target(5_000, period="2019", monthly=()),
        target(36_500, period=str(now.astimezone(BOOK.tz).year), monthly=()),
    )


def cards() -> tuple[ProjectCard, ...]:
    """Return one project whose milestone was due on 20 December 2019 and is not met."""
    return (project("P1", signed="2019-03-01", milestones=[("opening", "2019-12-20", None)]),)


def books(now: datetime, *corrections: TerminalDay) -> PastOfOwners:
    """Return books of all of the above, and of the corrections that a test adds."""
    past = PastOfOwners(BOOK)
    days = steady(FIRST, LAST)
    records: tuple[Snapshot | TargetSet, ...] = (*targets(now), *cards(), *days, *this_year(now))
    for one in (*records, *corrections):
        past.take(one)
    return past


def december(teu: float, since: date = date(2019, 12, 1)) -> PastOfOwners:
    """Return books of December 2019: 100 TEU a day, and `teu` a day from `since` on."""
    past = PastOfOwners(BOOK)
    for one in (*steady(date(2019, 12, 1), LAST), *steady(since, LAST, teu, offset=2)):
        past.take(one)
    return past


def shown(now: datetime) -> str:
    """Return the /metrics text of a worker with these books."""
    port, zone = PortBooks(BOOK, "tonghai"), Portfolio(BOOK, "haimen")
    aims = TargetBook(BOOK, "tonghai")
    for aim in targets(now):
        port.set_target(aim)
        aims.post(aim)
    for one in (*steady(FIRST, LAST), *this_year(now)):
        port.post(one)
    for card in cards():
        zone.post(card)
    lines = []
    for owned in (port, OwnedTarget(aims, (port,)), zone):
        for reading in readings(owned, now):
            labels = ",".join(
                f"{name}={json.dumps(value, ensure_ascii=False)}"
                for name, value in reading.labelled.items()
            )
            lines.append(f"{reading.kpi.series}{{{labels}}} {reading.value!r}\n")
    return "".join(lines)


def _before(on: date) -> date:
    return on - timedelta(1)
