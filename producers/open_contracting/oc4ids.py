"""OC4IDS projects: signing, stages and milestones of each project of a package.

The day of signing is that of the first contract: a contractClose or commercialClose milestone that
was met, else a release tagged `contract`, else one tagged `award`.  The committed amount is the
budget of the project, else the sum of its contracts.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from contract.errors import Reason, Rejected
from contract.events import Money, Stage
from producers.open_contracting.building_blocks import (
    Budget,
    Classification,
    Placed,
    PublishedAmount,
    PublishedMilestone,
    day,
    decoded,
    outcomes_of,
    signed_project,
    summed,
)
from producers.reading.json_stream import Element, each
from producers.reading.outcome import (
    Accepted,
    File,
    Message,
    Outcomes,
    ReadingTerms,
    Skip,
    Skipped,
)
from producers.reading.project_events import ProjectRecord, code_of
from producers.reading.values import instant

SIGNING = frozenset({"contractclose", "commercialclose"})  # codes, in small letters


class _Oc4idsRelease(Struct):
    date: str | None = None
    tag: list[str] = []


class _Summary(Struct):
    value: PublishedAmount | None = msgspec.field(default=None, name="contractValue")
    milestones: list[PublishedMilestone] = []


class _Contracting(Struct):
    id: str = ""
    summary: _Summary = msgspec.field(default_factory=_Summary)
    releases: list[_Oc4idsRelease] = []


class _Wire(Struct):
    id: str
    title: str = ""
    status: str = ""
    updated: str | None = None
    budget: Budget = msgspec.field(default_factory=Budget)
    classes: list[Classification] = msgspec.field(
        default_factory=list, name="additionalClassifications"
    )
    milestones: list[PublishedMilestone] = []
    contracting: list[_Contracting] = msgspec.field(
        default_factory=list, name="contractingProcesses"
    )


def read(file: File, terms: ReadingTerms) -> Outcomes:
    """Yield the outcomes of a package of projects, or of one project."""
    yield Message("$")
    written_at = datetime.fromtimestamp(file.written_at, UTC)

    def outcomes(element: Element) -> Outcomes:
        return _outcomes(decoded(element.raw, _Wire), terms, written_at, element.at)

    yield from each(file.stream, outcomes)


def _outcomes(wire: _Wire, terms: ReadingTerms, written_at: datetime, at: str) -> Outcomes:
    """Yield the signing, then stages and milestones; without a signing none counts."""
    book = terms.book
    recorded = instant(wire.updated, "$.updated") if wire.updated else written_at
    record = ProjectRecord(book.described_zone().code, code_of(wire.id), book.tz, recorded)
    milestones = list(_milestones(wire))
    signed = _signed(wire, milestones, book.tz)
    if signed is None:
        yield Skipped(at, Skip.NOT_SIGNED)
        return
    project = signed_project(
        record, terms, wire.title or wire.id, wire.classes, signed, _committed(wire)
    )
    yield Accepted(at, record.registered(project))
    yield from outcomes_of(milestones, record, at)
    if wire.status.casefold() == "cancelled":
        ended = recorded.astimezone(book.tz).date()
        yield Accepted(at, record.reached(Stage.TERMINATED, ended))


def _committed(wire: _Wire) -> Money:
    values = [process.summary.value for process in wire.contracting]
    found = summed([wire.budget.amount], "$.budget.amount") or summed(
        values, "$.contractingProcesses"
    )
    if found is None:
        raise Rejected(
            Reason.MISSING_FIELD,
            "neither a budget nor contract values of one currency say what was committed",
            where="$.budget.amount",
        )
    return found


def _signed(wire: _Wire, milestones: list[Placed], tz: ZoneInfo) -> date | None:
    closed = [m.milestone.met for m in milestones if m.milestone.code.casefold() in SIGNING]
    for days in (closed, _released(wire, "contract"), _released(wire, "award")):
        if known := [text for text in days if text]:
            return min(day(text, "$", tz) for text in known)
    return None


def _released(wire: _Wire, tag: str) -> list[str | None]:
    return [
        release.date
        for process in wire.contracting
        for release in process.releases
        if tag in map(str.casefold, release.tag)
    ]


def _milestones(wire: _Wire) -> Iterator[Placed]:
    for index, milestone in enumerate(wire.milestones):
        yield Placed(code_of(str(milestone.id)), f"$.milestones[{index}]", milestone)
    for place, process in enumerate(wire.contracting):
        for index, milestone in enumerate(process.summary.milestones):
            name = code_of(f"{process.id or place}/{milestone.id}")
            path = f"$.contractingProcesses[{place}].summary.milestones[{index}]"
            yield Placed(name, path, milestone)
