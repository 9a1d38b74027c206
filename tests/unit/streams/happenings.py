"""What happens to a port over the turn of two years, drawn by hypothesis: said, and said again.

Each happening bears when it may arrive at the earliest; how late it is, the test draws.  All that
is said comes within the lateness that the books allow for, or so late that no order saves it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from contract.book import Book, read_book
from contract.events import (
    Amount,
    AmountChanged,
    ContainerMoved,
    Indicator,
    IndicatorReported,
    Label,
    Milestone,
    MilestoneDate,
    MilestoneMet,
    MilestonePlanned,
    Money,
    MoveRetracted,
    Project,
    ProjectRegistered,
    RawEvent,
    Stage,
    StageDate,
    StageReached,
    Target,
    TargetSet,
)
from tests.unit.kpis.builders import SHARES
from tests.unit.ledger.records import moved, retracted

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
      { code = "THC", name = { zh = "通海中", en = "Central" } },
    ]
    [[area]]
    code = "riverside"
    name = { zh = "滨江", en = "Riverside" }
    terminal = [{ code = "THW", name = { zh = "通海西", en = "West" } }]
    [zone]
    code = "haimen"
    name = { zh = "海门", en = "Haimen" }
    clusters = { offshore = { zh = "海工", en = "Offshore" }, auto = { zh = "汽车", en = "Auto" } }
    functional_areas = { riverside = { zh = "滨江", en = "Riverside" } }
    parks = { cruise = { zh = "豪华邮轮", en = "Cruise" } }
    """,
    "quaymark.toml",
)

LATEST = timedelta(days=60)  # of what counts; days stay open for 400
HOPELESS = timedelta(days=900)
FIRST = datetime(2018, 12, 28, tzinfo=UTC)
SOURCES = ("/tonghai/THE", "/tonghai/THC", "/tonghai/THW", "/barges", "/night")


@dataclass
class Said:
    """An event, and the earliest moment at which it can arrive."""

    event: RawEvent
    since: datetime
    after: "Said | None" = None
    """What must have arrived before it: a conflict is one only once there is something."""


def later(draw: st.DrawFn, most: timedelta) -> timedelta:
    return timedelta(minutes=draw(st.integers(1, int(most.total_seconds() // 60))))


@st.composite
def boxes(draw: st.DrawFn, name: str) -> list[Said]:
    """All that is said of one move: its records, duplicates, a conflict, its retraction."""
    source = draw(st.sampled_from(SOURCES))
    recorded = FIRST + timedelta(minutes=draw(st.integers(0, 9 * 1440)))

    def record() -> ContainerMoved:
        # seven days before the record at most, over the turn of the year
        at = recorded - timedelta(minutes=draw(st.integers(0, 7 * 1440)))
        return moved(
            name,
            at.isoformat(),
            recorded=recorded.isoformat(),
            source=source,
            terminal=draw(st.sampled_from(("THE", "THC", "THW"))),
            event=draw(st.sampled_from(("LOAD", "DISC", "LOAD", "GTIN"))),
            size=draw(st.sampled_from(("22G1", "45G1", "L5G1", "0000"))),
            fill=draw(st.sampled_from(("LADEN", "EMPTY"))),
            classifier=draw(st.sampled_from(("ACT", "ACT", "ACT", "EST"))),
            status=draw(st.sampled_from((None, None, 5, 6))),
            retracted=draw(st.sampled_from((False, False, False, True))),
        )

    newest = Said(record(), recorded)
    said = [newest]
    for act in draw(st.lists(st.sampled_from(ACTS), max_size=3)):
        match act:
            case "amended":
                recorded += later(draw, timedelta(days=20))
                said.append(newest := Said(record(), recorded))
            case "repeated":
                again = draw(st.sampled_from(said))
                said.append(Said(again.event, again.since, again.after))
            case "contradicted":
                said.append(Said(record(), recorded, after=newest))
            case "retracted":
                at = recorded + later(draw, timedelta(days=20))
                said.append(Said(retracted(name, recorded=at.isoformat(), source=source), at))
            case "amended too late":
                recorded += HOPELESS
                said.append(newest := Said(record(), recorded))
    return said


ACTS = ("amended", "amended", "repeated", "contradicted", "retracted", "amended too late")


def dated(at: datetime) -> dict[str, Any]:
    return {"time": at, "recordedtime": at, "specversion": "1.0"}


@st.composite
def projects(draw: st.DrawFn, name: str) -> list[Said]:
    """A project's course; records of it may be of one moment, but not two of one id."""
    said: list[Said] = []
    at = FIRST
    for number, act in enumerate(draw(st.lists(st.integers(0, 5), max_size=6))):
        if act == 5 or draw(st.booleans()):
            at += later(draw, timedelta(days=2))
        on = date(2018, 12, 1) + timedelta(draw(st.integers(0, 60)))
        head = {"id": f"{name}|{number}", "source": "/haimen", **dated(at)}
        yuan = Money(Decimal(draw(st.sampled_from((90, 500, 2000))) * 1_000_000))
        event: RawEvent
        match act:
            case 0:
                event = AmountChanged(**head, data=Amount("haimen", name, yuan))
            case 1:
                stage = draw(st.sampled_from(Stage))
                event = StageReached(**head, data=StageDate("haimen", name, stage, on))
            case 2:
                plan = Milestone("haimen", name, "hall", "Hall", on)
                event = MilestonePlanned(**head, data=plan)
            case 3:
                event = MilestoneMet(**head, data=MilestoneDate("haimen", name, "hall", on))
            case _:
                cluster = draw(st.sampled_from(("offshore", "auto")))
                data = Project("haimen", name, name, on, yuan, cluster, "riverside")
                # registered anew, or the same registration amended
                if act == 5:
                    head["id"] = f"{name}|signed"
                event = ProjectRegistered(**head, data=data)
        said += [Said(event, at)] * draw(st.integers(1, 2))
    return said


@st.composite
def figures(draw: st.DrawFn) -> list[Said]:
    """Versions of a published figure."""
    at, said = FIRST, []
    for number in range(draw(st.integers(0, 4))):
        at += later(draw, timedelta(days=2))
        period, value = draw(st.sampled_from(("2018", "2018-12"))), draw(st.integers(1, 99))
        version = draw(st.integers(0, 2))
        data = Indicator("haimen", "gdp", "haimen", period, Decimal(value), "share", version)
        event = IndicatorReported(id=f"{number}", source="/s", **dated(at), data=data)
        said += [Said(event, at)] * draw(st.integers(1, 2))
    return said


@st.composite
def goals(draw: st.DrawFn) -> list[Said]:
    """A target of the area's year, and one of the zone; revised, withdrawn."""
    at, said = FIRST, []
    for number in range(draw(st.integers(0, 4))):
        at += later(draw, timedelta(days=2))
        owner, measures, labels = draw(st.sampled_from(MEASURED))
        target = Target(
            owner,
            "goal",
            Label("目标", "Goal"),
            measures,
            "2019",
            Decimal(draw(st.integers(5, 40))),
            labels=dict(labels),
            monthly=draw(st.sampled_from(((), SHARES))),
            withdrawn=draw(st.sampled_from((False, False, True))),
        )
        said.append(Said(TargetSet(id=f"{number}", source="/t", **dated(at), data=target), at))
    return said


MEASURED = (
    ("tonghai", "port_throughput_ytd_teu", ()),
    ("riverside", "port_throughput_ytd_teu", ()),
    ("haimen", "project_signed_projects", (("tier", "100M"),)),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Said]:
    """A port's and a zone's history; not in the order of time."""
    said: list[Said] = []
    for number in range(draw(st.integers(1, 12))):
        said += draw(boxes(f"move-{number}"))
    for number in range(draw(st.integers(0, 2))):
        said += draw(projects(f"project-{number}"))
    return said + draw(figures()) + draw(goals())


def counting(said: Sequence[Said]) -> list[ContainerMoved | MoveRetracted]:
    """Moves and retractions that were not said too late, conflicts after what they contradict."""
    ranked = sorted(said, key=lambda one: (one.since, one.after is not None))
    return [
        one.event
        for one in ranked
        if isinstance(one.event, ContainerMoved | MoveRetracted) and one.since < FIRST + HOPELESS
    ]
