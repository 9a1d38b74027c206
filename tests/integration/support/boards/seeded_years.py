"""Samples of two seeded years of a port and its zone, computed by the KPIs themselves.

It needs neither broker nor worker: it posts days into the books as snapshots, reads the books hour
by hour, and writes each reading under its exported and its recorded names, as the rules do.
"""

import math
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from msgspec.structs import replace

from contract.book import Book
from contract.events import Fill, Target, TargetSet
from contract.snapshots import (
    ClassSum,
    IndicatorValue,
    MilestoneCard,
    ProjectCard,
    StageSince,
    TerminalDay,
)
from kpis.catalogue import readings
from kpis.model.kpi import Reading, hourly, recorded, total
from kpis.plan.progress import Outlook
from kpis.port.books import PortBooks
from kpis.target.target_book import OwnedTarget, TargetBook
from kpis.zone.indicators import IndicatorBook
from kpis.zone.portfolio import STAGES, Portfolio
from tests.integration.support.boards import by_hand
from tests.integration.support.boards.seeded_pipeline import Key, pipeline

DAY = timedelta(1)
HOUR = timedelta(hours=1)
SHARES = {"THE": 0.46, "THC": 0.33, "THW": 0.21}
FESTIVAL = {2025: date(2025, 1, 29), 2026: date(2026, 2, 17)}
TYPHOON = (date(2026, 8, 21), date(2026, 8, 22))
TEMPO = ((1, 1.035), (40, 1.03), (75, 0.99), (120, 0.98), (205, 0.965), (290, 0.945), (366, 0.945))
"""(day of the year, throughput of 2026 as a ratio of its plan)."""
MIX = (
    ("DISC", "normal", Fill.LADEN, "40", 0.23),
    ("DISC", "normal", Fill.EMPTY, "40", 0.10),
    ("DISC", "normal", Fill.LADEN, "20", 0.10),
    ("DISC", "transhipment", Fill.LADEN, "45", 0.06),
    ("LOAD", "normal", Fill.LADEN, "40", 0.22),
    ("LOAD", "normal", Fill.EMPTY, "20", 0.10),
    ("LOAD", "normal", Fill.LADEN, "20", 0.05),
    ("LOAD", "transhipment", Fill.LADEN, "40", 0.14),
)
"""Class -> its share of the TEU."""
TITLES = (
    "Cruise ship yard, hall 2",
    "Marine cable works",
    "Power battery casings",
    "Cosmetics packaging",
    "Prefab housing line 3",
    "Cell therapy centre",
    "Robot reducers",
)
ORDER = ("Registration", "Approval", "Ground-breaking", "Main structure", "First products")


@dataclass
class Story:
    """The seeded samples, by series.

    `hourly` is the number of hours between two readings of the port; `zone_days` is the number of
    days before `now` for which the zone and the targets are read.
    """

    book: Book
    targets: tuple[Target, ...]
    now: datetime
    hourly: int = 1
    zone_days: int = 700
    rng: random.Random = field(default_factory=lambda: random.Random(20261125))
    samples: dict[Key, list[tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def tell(self) -> Iterator[str]:
        """Yield the lines of OpenMetrics text from which promtool creates blocks."""
        self._port(self.book.area[0].code)
        self._zone()
        for key, at, value in (*pipeline(self.now, self.rng), *by_hand.samples(self.now)):
            self.samples[key].append((at, value))
        by_name: dict[str, list[Key]] = defaultdict(list)
        for key in self.samples:
            by_name[key[0]].append(key)
        for name, keys in by_name.items():
            yield f"# TYPE {name} unknown"
            for key in keys:
                text = ",".join(f'{n}="{v}"' for n, v in zip(key[1], key[2], strict=True))
                for at, value in self.samples[key]:
                    yield f"{name}{{{text}}} {value!r} {at:.0f}"
        yield "# EOF"

    def _put(self, found: Iterable[Reading], at: datetime) -> None:
        """Add each reading under its exported and its recorded names."""
        sums: dict[Key, float] = defaultdict(float)
        for reading in found:
            kpi, own = reading.kpi, reading.labelled
            for series in (kpi.series, recorded(kpi), hourly(kpi)):
                key = (str(series), kpi.labels, reading.labels)
                self.samples[key].append((at.timestamp(), reading.value))
            if summed := total(kpi):
                values = tuple(own[label] for label in summed.labels)
                sums[str(summed), summed.labels, values] += reading.value
        for key, value in sums.items():
            self.samples[key].append((at.timestamp(), value))

    def _port(self, area: str) -> None:
        books, aims = PortBooks(self.book, area), TargetBook(self.book, area)
        this_year = next(target for target in self.targets if target.period == "2026")
        for year, value in ((2025, 1_050_000), (2026, this_year.value)):
            moved = replace(this_year, period=str(year), value=Decimal(round(value)))
            books.set_target(_target_set(moved))
            aims.post(_target_set(moved))
        on = date(2025, 1, 1)
        while on <= self.now.astimezone(self.book.tz).date():
            self._day(books, area, on)
            midnight = datetime(on.year, on.month, on.day, tzinfo=self.book.tz) + DAY
            if self.now - midnight < self.zone_days * DAY:
                at = min(midnight - timedelta(seconds=30), self.now)
                self._put(readings(OwnedTarget(aims, (books,)), at), at)
            on += DAY

    def _day(self, books: PortBooks, area: str, on: date) -> None:
        midnight = datetime(on.year, on.month, on.day, tzinfo=self.book.tz)
        wave = [1 + 0.5 * math.sin((hour - 8) / 24 * 2 * math.pi) for hour in range(24)]
        teu = {name: self._teu(books, on) * share for name, share in SHARES.items()}
        teu["THW"] *= 0.93 if on.year == 2026 else 1
        for hour in range(24):
            at = midnight + (hour + 1) * HOUR - timedelta(seconds=30)
            if at > self.now:
                break
            if (hour + 1) % self.hourly and hour != 23:
                continue
            for name, amount in teu.items():
                hours = [round(amount * wave[h] / 24) * 100 if h <= hour else 0 for h in range(24)]
                books.post(_terminal_day(area, name, on, hours, at))
            self._outlook(books, at)
            self._put(readings(books, at), at)

    def _teu(self, books: PortBooks, on: date) -> float:
        """Return a day's TEU from plan, tempo, Spring Festival, weekday and a random factor."""
        plan = books.year(on.year).plan
        assert plan is not None
        midnight = datetime(on.year, on.month, on.day, tzinfo=self.book.tz)
        base = plan.planned(midnight + DAY - timedelta(seconds=1)) - plan.planned(midnight)
        if on.year == 2026:
            base *= _between(TEMPO, on.timetuple().tm_yday)
        away = (on - FESTIVAL[on.year]).days
        if -4 <= away <= 9:
            base *= 0.42 + 0.05 * abs(away - 2)
        elif 10 <= away <= 26 or -20 <= away <= -5:
            base *= 1.17
        if on in TYPHOON:
            base *= 0.18
        return base * (0.96 + 0.02 * (on.weekday() % 5)) * self.rng.lognormvariate(0.01, 0.075)

    def _outlook(self, books: PortBooks, at: datetime) -> None:
        """Set intervals around the run-rate, shaped as those of a forecast from history."""
        port = books.year(at.astimezone(self.book.tz).year)
        assert port.plan is not None
        share = port.plan.share(at)
        if share < 0.1:
            return
        middle, width = port.teu / share, port.plan.value * 0.026 * math.sqrt(1 - share)
        bounds = tuple(
            (level, bound, middle + sign * z * width)
            for level, z in (("0.80", 1.2816), ("0.95", 1.96))
            for bound, sign in (("lower", -1), ("upper", 1))
        )
        books.expect(port.year, Outlook(middle, bounds))

    def _zone(self) -> None:
        zone = self.book.described_zone().code
        portfolio, figures = Portfolio(self.book, zone), IndicatorBook(self.book, zone)
        today = self.now.astimezone(self.book.tz).date()
        for card in self._cards(zone, today):
            portfolio.post(card)
        for offset, (name, period, value) in enumerate(
            (
                ("container_throughput", "2026-10", "93.4"),
                ("container_throughput", "2026-09", "94.1"),
                ("gdp_share", "2026-Q3", "46.8"),
                ("budget_revenue_share", "2026-Q3", "50.4"),
                ("taxable_sales_share", "2026-Q3", "47.9"),
                ("major_projects_share", "2026-Q3", "47.4"),
                ("national_rank", "2025", "43"),
                ("firms_served", "2026-Q3", "204"),
            )
        ):
            figures.post(_figure(zone, name, period, value, offset))
        aims = TargetBook(self.book, zone)
        for target in self.targets:
            if target.owner == zone:
                aims.post(_target_set(target))
        for back in range(self.zone_days, -1, -1):
            at = self.now - back * DAY
            self._put(readings(OwnedTarget(aims, (portfolio, figures)), at), at)
            self._put(readings(portfolio, at), at)
            self._put(readings(figures, at), at)

    def _cards(self, zone: str, today: date) -> Iterator[ProjectCard]:
        clusters, areas = (
            tuple(self.book.described_zone().clusters),
            tuple(self.book.described_zone().functional_areas),
        )
        parks = (*self.book.described_zone().parks, "", "")
        for n in range(142):
            signed = today - timedelta(int(1400 * self.rng.random() ** 1.1) + 3)
            yuan = 20_000_000_000 if n == 0 else int(self.rng.paretovariate(0.95) * 1.2e8)
            reached = 1 + int((today - signed).days / 230 + self.rng.random())
            steps = tuple(
                StageSince(stage, signed + timedelta(190 * step))
                for step, stage in enumerate(STAGES[:reached])
            )
            yield ProjectCard(
                zone=zone,
                project=TITLES[n] if n < len(TITLES) else f"Project {n:03}",
                partition=0,
                offset=n,
                signed=signed,
                yuan=min(yuan, 20_000_000_000) // 1_000_000 * 1_000_000,
                cluster=clusters[int(len(clusters) * self.rng.random() ** 1.5)],
                functional_area=areas[int(len(areas) * self.rng.random() ** 1.5)],
                park=parks[n % len(parks)],
                stages=steps,
                milestones=self._milestones(n, signed, today),
            )

    def _milestones(self, n: int, signed: date, today: date) -> tuple[MilestoneCard, ...]:
        """Return milestones, mostly met in time; the first 7 projects have one overdue each."""
        made = []
        for step, title in enumerate(ORDER):
            due = signed + timedelta(90 + 150 * step + n % 40)
            slip = int(self.rng.gauss(-12, 10))
            met = due + timedelta(slip) if due + timedelta(slip) < today else None
            made.append(MilestoneCard(f"{title}", title, due, due, met))
        if n < len(TITLES):
            due = today - timedelta((143, 96, 61, 44, 27, 19, 6)[n])
            made[-1] = MilestoneCard(ORDER[-1], ORDER[-1], due, due, None)
        return tuple(made)


def _terminal_day(
    area: str, terminal: str, on: date, hours: list[int], at: datetime
) -> TerminalDay:
    done = sum(hours)
    drift = 0.03 if on.year == 2026 else 0.0  # from laden import to laden transhipment
    shares = [line[-1] for line in MIX]
    shares[0], shares[-1] = shares[0] - drift, shares[-1] + drift
    parts = [round(done * share) for share in shares]
    parts[0] += done - sum(parts)
    quay = [
        ClassSum(move, kind, fill, size, round(part / int(size) / 5), part)
        for (move, kind, fill, size, _), part in zip(MIX, parts, strict=True)
    ]
    gates = [
        ClassSum(move, "normal", Fill.LADEN, "40", round(done * share / 200), 0)
        for move, share in (("GTIN", 0.51), ("GTOT", 0.46))
    ]
    odd = [
        ClassSum("LOAD", "normal", Fill.LADEN, "unknown", done // 25_000, 0),
        ClassSum("LOAD", "restow", Fill.LADEN, "40", done // 8_000, 0),
    ]
    return TerminalDay(
        area, terminal, on, 0, round(at.timestamp()), (*quay, *gates, *odd), tuple(hours), at
    )


def _target_set(target: Target) -> TargetSet:
    at = datetime.fromisoformat(f"{target.period[:4]}-01-01T00:00:00+08:00")
    return TargetSet(
        id=target.key, source="/story", time=at, recordedtime=at, specversion="1.0", data=target
    )


def _figure(zone: str, name: str, period: str, value: str, offset: int) -> IndicatorValue:
    units = {
        "container_throughput": "thousand TEU",
        "firms_served": "firms",
        "national_rank": "rank",
    }
    unit = units.get(name, "percent")
    scope = "tonghai" if unit == "thousand TEU" else "zone"
    figure = IndicatorValue(zone, name, scope, period, Decimal(value), unit, 0, 0, offset)
    if name != "gdp_share":
        return figure
    at = datetime.fromisoformat(
        "2026-11-02T09:00:00+08:00"
    )  # the first (flash) figure was 0.5 points lower
    return replace(figure, before=figure.value - Decimal("0.5"), revised=at)


def _between(knots: tuple[tuple[int, float], ...], x: int) -> float:
    for (a, low), (b, high) in pairwise(knots):
        if a <= x <= b:
            return low + (high - low) * (x - a) / (b - a)
    return knots[-1][1]
