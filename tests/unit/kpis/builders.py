"""Books and snapshots for the KPI tests, small enough to be worked by hand."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from contract.book import Book, read_book
from contract.events import Fill, Label, Stage, Target, TargetSet
from contract.snapshots import (
    ClassSum,
    IndicatorValue,
    MilestoneCard,
    ProjectCard,
    StageSince,
    TerminalDay,
)

BOOK: Book = read_book(
    """
    [port]
    time_zone = "Asia/Shanghai"
    un_location_code = "CNNTG"
    [[area]]
    code = "tonghai"
    name = { zh = "通海港区", en = "Tonghai" }
    terminal = [
      { code = "THE", name = { zh = "通海东", en = "East" } },
      { code = "THW", name = { zh = "通海西", en = "West" } },
    ]
    [zone]
    code = "haimen"
    name = { zh = "海门", en = "Haimen" }
    clusters = { offshore = { zh = "海工装备", en = "Offshore" } }
    functional_areas = { riverside = { zh = "滨江", en = "Riverside" } }
    parks = { cruise = { zh = "豪华邮轮", en = "Cruise" } }
    """,
    "quaymark.toml",
)

SHARES = (0.10, 0.05, 0.0875, 0.0875, 0.0875, 0.0875, 0.08, 0.08, 0.08, 0.08, 0.08, 0.10)
"""By the end of January 0.10, of February 0.15, of June 0.50, of November 0.90."""


def at(text: str, zone: str = "+08:00") -> datetime:
    """`2026-02-15 12:00` in the port's zone."""
    return datetime.fromisoformat(text.replace(" ", "T") + zone)


def seconds(text: str) -> float:
    """The Unix seconds of an instant in the port's zone."""
    return at(text).timestamp()


def box(
    moves: int,
    teu: float,
    move: str = "LOAD",
    kind: str = "normal",
    fill: Fill | None = Fill.LADEN,
    size: str = "20",
) -> ClassSum:
    return ClassSum(move, kind, fill, size, moves, round(teu * 100))


def day(
    on: str,
    *classes: ClassSum,
    terminal: str = "THE",
    partition: int = 0,
    offset: int = 1,
    hour: int = 0,
) -> TerminalDay:
    """A day whose whole throughput falls into one hour."""
    hours = [0] * 24
    hours[hour] = sum(line.hundredths for line in classes)
    return TerminalDay(
        area="tonghai",
        terminal=terminal,
        on=date.fromisoformat(on),
        partition=partition,
        offset=offset,
        classes=classes,
        hours=tuple(hours),
        newest=at(f"{on} {hour:02}:30").astimezone(UTC),
    )


def target(
    value: int = 1_000_000, recorded: str = "2026-01-01 00:00", **changes: Any
) -> TargetSet:
    fields: dict[str, Any] = {
        "owner": "tonghai",
        "target": "annual-teu",
        "name": Label("年吞吐量", "TEU a year"),
        "measures": "port_throughput_ytd_teu",
        "period": "2026",
        "value": Decimal(value),
        "monthly": SHARES,
    }
    return TargetSet(
        id=f"{value}",
        source="/targets",
        time=at(recorded),
        recordedtime=at(recorded),
        specversion="1.0",
        data=Target(**(fields | changes)),
    )


def project(
    code: str,
    yuan: int = 100_000_000,
    signed: str | None = "2020-03-01",
    offset: int = 1,
    stages: Iterable[tuple[Stage, str]] = (),
    milestones: Iterable[tuple[str, str | None, str | None]] = (),
    park: str = "",
    country: str = "CN",
    others: tuple[str, ...] = (),
) -> ProjectCard:
    """`milestones` are (code, due, met); a due date `a/b` was planned for a first, then for b."""
    return ProjectCard(
        zone="haimen",
        project=code,
        partition=0,
        offset=offset,
        title=code,
        signed=_date(signed),
        yuan=yuan,
        cluster="offshore",
        functional_area="riverside",
        park=park,
        country=country,
        others=others,
        stages=tuple(StageSince(stage, date.fromisoformat(on)) for stage, on in stages),
        milestones=tuple(
            MilestoneCard(name, name, _date(_ends(due)[0]), _date(_ends(due)[1]), _date(met))
            for name, due, met in milestones
        ),
    )


def indicator(
    period: str,
    value: str,
    offset: int = 1,
    unit: str = "TEU",
    name: str = "teu",
    before: str | None = None,
    revised: str | None = None,
) -> IndicatorValue:
    return IndicatorValue(
        zone="haimen",
        indicator=name,
        scope="port",
        period=period,
        value=Decimal(value),
        unit=unit,
        version=0,
        partition=0,
        offset=offset,
        before=None if before is None else Decimal(before),
        revised=None if revised is None else at(revised),
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _ends(due: str | None) -> tuple[str | None, str | None]:
    first, _, now = (due or "").partition("/")
    return first or None, now or first or None
