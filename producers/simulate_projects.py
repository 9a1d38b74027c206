"""The simulated book of the zone: its projects, with made-up names but for two.

What is on record is kept exactly: 130 projects of CNY 100 million or more signed 2016 to 2019, of
which 26 of 1 bn or more and 1 of 10 bn or more, close to 100 bn together; 12 in the first half of
2020, of which 6 of 2 bn or more, over 50 bn together; the cruise ship project of China Merchants
(CNY 20 bn) and the Japanese cosmetics container project (USD 150 million).
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain
from operator import attrgetter

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from contract.book import Book
from contract.events import Money, Project
from producers.project_course import course
from producers.sources import Due

SOURCE = "/haimen/projects"
GROWN = "-010"  # of 2016 to 2019 the one whose capital is increased, from 1.3 to 1.6 bn
MILLION = 1_000_000

CRUISE = Project(
    zone="haimen",
    project="china-merchants-cruise",
    title="Luxury cruise ship project of China Merchants",
    title_zh="招商局豪华邮轮项目",
    signed=date(2018, 6, 28),
    value=Money(Decimal(20_000 * MILLION)),
    cluster="offshore",
    functional_area="riverside",
    park="cruise",
)
COSMETICS = Project(
    zone="haimen",
    project="japan-cosmetics-container",
    title="Japanese cosmetics container project",
    title_zh="日资化妆品容器项目",
    signed=date(2019, 9, 17),
    value=Money(Decimal(150 * MILLION), "USD", Decimal("6.9")),
    cluster="materials",
    functional_area="central",
    country="JP",
)

LARGE = tuple(1000 + 2000 * n * n // (23 * 23) for n in range(24))
MEDIUM = tuple(100 + 790 * n * n // (103 * 103) for n in range(104))
"""Million yuan of the other projects of 2016 to 2019: 24 from 1 to 3 bn, 104 below 1 bn."""
FIRST_HALF_2020 = (15_000, 12_000, 9_000, 6_500, 4_000, 2_500, 1_200, 900, 600, 450, 300, 150)
SECOND_HALF_2020 = (1_600, 800, 500, 320, 260, 180, 120, 60)
LATER_YEAR = (
    *(5_200, 2_300, 1_500, 1_100, 800, 650, 500, 420, 360, 310),
    *(280, 240, 210, 180, 160, 140, 120, 100, 70, 40),
)
"""Million yuan of the projects of each later year, before it is varied."""


class Period(Struct, frozen=True):
    """Days in which amounts are signed: evenly, in an order that is drawn."""

    first: date
    last: date
    millions: tuple[int, ...]


def simulate(book: Book, first: date, last: date) -> Iterator[Due]:
    """What the zone reports from `first` to `last`, in order: signings, stages, milestones."""
    begins = datetime.combine(first, time(), book.tz)
    ends = datetime.combine(last + timedelta(1), time(), book.tz)
    due = chain.from_iterable(
        course(project, SOURCE, book.tz, grows=_grows(project)) for project in projects(book, last)
    )
    yield from sorted((d for d in due if begins <= d.at < ends), key=attrgetter("at"))


def projects(book: Book, until: date) -> Iterator[Project]:
    """Every project signed from 2016 on, up to the year of a day."""
    yield _in_words_of(book, CRUISE)
    yield _in_words_of(book, COSMETICS)
    yield from _signed(book, Period(date(2016, 1, 8), date(2019, 12, 20), LARGE + MEDIUM))
    yield from _signed(book, Period(date(2020, 1, 10), date(2020, 6, 24), FIRST_HALF_2020))
    yield from _signed(book, Period(date(2020, 7, 8), date(2020, 12, 18), SECOND_HALF_2020))
    for year in range(2021, until.year + 1):
        varied = tuple(
            amount * (85 + (year * 7 + number * 11) % 31) // 100
            for number, amount in enumerate(LATER_YEAR)
        )
        yield from _signed(book, Period(date(year, 1, 8), date(year, 12, 18), varied))


def _grows(project: Project) -> bool:
    return project.signed.year < 2020 and project.project.endswith(GROWN)


def _signed(book: Book, period: Period) -> Iterator[Project]:
    count = len(period.millions)
    random = np.random.Generator(np.random.PCG64(period.first.toordinal()))
    order, cluster, area, park = random.random((4, count))
    days = (period.last - period.first).days
    zone = book.zone
    clusters, areas, parks = list(zone.clusters), list(zone.functional_areas), list(zone.parks)
    for number, which in enumerate(np.argsort(order, kind="stable").tolist()):
        signed = period.first + timedelta(days * number // count)
        code = clusters[int(cluster[number] * len(clusters))]
        chosen = int(park[number] * (len(parks) + 2))  # some stand outside the parks
        title = zone.clusters[code]
        yield Project(
            zone=zone.code,
            project=f"{signed:%y%m%d}-{which + 1:03d}",
            title=f"{title.en} project {signed:%y%m}-{number + 1}",
            title_zh=f"{title.zh}项目{signed:%y%m}-{number + 1}",
            signed=signed,
            value=Money(Decimal(period.millions[which] * MILLION)),
            cluster=code,
            functional_area=areas[int(area[number] * len(areas))],
            park=parks[chosen] if chosen < len(parks) else None,
        )


def _in_words_of(book: Book, project: Project) -> Project:
    """A named project in a book that may sort by other words than the zone's own."""
    zone = book.zone
    return replace(
        project,
        zone=zone.code,
        cluster=project.cluster if project.cluster in zone.clusters else next(iter(zone.clusters)),
        functional_area=project.functional_area
        if project.functional_area in zone.functional_areas
        else next(iter(zone.functional_areas)),
        park=project.park if project.park in zone.parks else None,
    )
