"""The simulated zone: its recorded projects, and simulated ones after the record ends.

`data/zone_book.csv` is the record up to 30 June 2020, as `quaymark import` reads it.  After that
day the zone is simulated: each recorded project goes through its stages, and projects with made-up
names are signed.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain
from operator import attrgetter

import numpy as np
from msgspec import Struct

from contract.book import Book
from contract.events import Money, Project, ProjectRegistered
from producers.simulate.project_course import course
from producers.simulate.sample_data import RECORD_ENDS, zone_book
from producers.simulate.sources import TimedEvent

MILLION = 1_000_000

SECOND_HALF_2020 = (1_600, 800, 500, 320, 260, 180, 120, 60)
LATER_YEAR = (
    *(5_200, 2_300, 1_500, 1_100, 800, 650, 500, 420, 360, 310),
    *(280, 240, 210, 180, 160, 140, 120, 100, 70, 40),
)
"""Million yuan of each project of a later year, before it is varied by year."""


class ReportingPeriod(Struct, frozen=True):
    """Days over which amounts are signed at even distances, in a random order."""

    first: date
    last: date
    millions: tuple[int, ...]


def simulate(book: Book, first: date, last: date) -> Iterator[TimedEvent]:
    """Yield what the zone reports from `first` to `last`, in order."""
    begins = datetime.combine(first, time(), book.tz)
    ends = datetime.combine(last + timedelta(1), time(), book.tz)
    record = tuple(zone_book(book))
    known = [event.data for event in record if isinstance(event, ProjectRegistered)]
    due = chain(
        (TimedEvent(event.recordedtime, event) for event in record),
        *(course(project, book.tz, after=RECORD_ENDS) for project in known),
        *(course(project, book.tz) for project in signed_since(book, last)),
    )
    yield from sorted((d for d in due if begins <= d.at < ends), key=attrgetter("at"))


def signed_since(book: Book, until: date) -> Iterator[Project]:
    """Yield every project signed after the record ends, up to the end of the year of `until`."""
    yield from signed_in(
        book, ReportingPeriod(date(2020, 7, 8), date(2020, 12, 18), SECOND_HALF_2020)
    )
    for year in range(2021, until.year + 1):
        varied = tuple(
            amount * (85 + (year * 7 + number * 11) % 31) // 100
            for number, amount in enumerate(LATER_YEAR)
        )
        yield from signed_in(book, ReportingPeriod(date(year, 1, 8), date(year, 12, 18), varied))


def signed_in(book: Book, period: ReportingPeriod) -> Iterator[Project]:
    """Yield the projects of a period, with clusters, areas and parks of quaymark.toml."""
    count = len(period.millions)
    random = np.random.Generator(np.random.PCG64(period.first.toordinal()))
    order, cluster, area, park = random.random((4, count))
    days = (period.last - period.first).days
    zone = book.described_zone()
    clusters, areas, parks = list(zone.clusters), list(zone.functional_areas), list(zone.parks)
    for number, which in enumerate(np.argsort(order, kind="stable").tolist()):
        signed = period.first + timedelta(days * number // count)
        code = clusters[int(cluster[number] * len(clusters))]
        chosen = int(park[number] * (len(parks) + 2))  # some lie outside the parks
        title, name = zone.clusters[code], f"{signed:%Y}-{number + 1:03}"
        yield Project(
            zone=zone.code,
            project=f"sample-{period.first:%y%m}-{number + 1:03}",
            title=f"Sample project {name}, {title.en.lower()}",
            title_zh=f"示例项目{name}（{title.zh}）",
            signed=signed,
            value=Money(Decimal(period.millions[which] * MILLION)),
            cluster=code,
            functional_area=areas[int(area[number] * len(areas))],
            park=parks[chosen] if chosen < len(parks) else None,
        )
