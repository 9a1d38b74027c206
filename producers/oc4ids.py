"""OC4IDS projects: signing, stages and milestones of each project of a package.

Signed is the first contract: a contractClose or commercialClose milestone that was met, else a
release tagged `contract`, else one tagged `award`.  Committed is the project's budget, else what
its contracts sum up to.  OC4IDS knows no clusters or functional areas: `additionalClassifications`
with scheme `cluster`, `functional_area` or `park` give them, else the caller.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
from msgspec import Struct

from contract.errors import Reason, Rejected
from contract.events import Money, Project, ProjectEvent, Stage
from contract.wire import why
from producers.json_elements import elements
from producers.outcome import (
    File,
    Message,
    Outcomes,
    Skip,
    Skipped,
    Taken,
    Terms,
    excerpt,
    refusal,
)
from producers.project_events import Dossier, ZoneWords, code_of, known_word, money
from producers.words import instant

SIGNING = frozenset({"contractClose", "commercialClose"})
STAGES = {
    "projectApproval": Stage.FILED,
    "commencement": Stage.CONSTRUCTION_START,
    "completion": Stage.COMPLETED,
    "commissioning": Stage.IN_PRODUCTION,
}
"""OC4IDS milestone code -> the stage that it reaches."""


class _Value(Struct):
    amount: Decimal | None = None
    currency: str = "CNY"


class _Budget(Struct):
    amount: _Value | None = None


class _Class(Struct):
    scheme: str = ""
    id: str = ""


class _Milestone(Struct):
    id: str | int
    title: str = ""
    type: str = "delivery"
    code: str = ""
    due: str | None = msgspec.field(default=None, name="dueDate")
    met: str | None = msgspec.field(default=None, name="dateMet")


class _Release(Struct):
    date: str | None = None
    tag: list[str] = []


class _Summary(Struct):
    value: _Value | None = msgspec.field(default=None, name="contractValue")
    milestones: list[_Milestone] = []


class _Contracting(Struct):
    id: str = ""
    summary: _Summary = msgspec.field(default_factory=_Summary)
    releases: list[_Release] = []


class _Wire(Struct):
    id: str
    title: str = ""
    status: str = ""
    updated: str | None = None
    budget: _Budget = msgspec.field(default_factory=_Budget)
    classes: list[_Class] = msgspec.field(default_factory=list, name="additionalClassifications")
    milestones: list[_Milestone] = []
    contracting: list[_Contracting] = msgspec.field(
        default_factory=list, name="contractingProcesses"
    )


_decode = msgspec.json.Decoder(_Wire).decode


def read(file: File, terms: Terms) -> Outcomes:
    """The outcomes of a package of projects, or of one project."""
    yield Message("$")
    written_at = datetime.fromtimestamp(file.written_at, UTC)
    try:
        for element in elements(file.stream):
            try:
                wire = _decode(element.raw)
                yield from _Reading(wire, terms, written_at).outcomes(element.at)
            except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                yield refusal(element.at, why(element.raw, error), element.raw)
            except Rejected as rejected:
                yield refusal(element.at, rejected, element.raw)
    except Rejected as rejected:
        yield refusal("", rejected)


class _Reading:
    """One project, and its milestones wherever they stand in it."""

    def __init__(self, wire: _Wire, terms: Terms, written_at: datetime) -> None:
        self._wire = wire
        book = terms.book
        recorded = instant(wire.updated, "$.updated") if wire.updated else written_at
        self._terms = terms
        self._words = ZoneWords.of(book.zone)
        self._dossier = Dossier(book.zone.code, code_of(wire.id), book.tz, recorded)
        self._milestones = list(self._all_milestones())

    def outcomes(self, at: str) -> Outcomes:
        """The signing, then stages and milestones; without a signing nothing counts."""
        signed = self._signed()
        if signed is None:
            yield Skipped(at, Skip.NOT_SIGNED)
            return
        yield Taken(at, self._dossier.registered(self._project(signed)))
        for name, path, milestone in self._milestones:
            try:
                events = self._milestone(name, path, milestone)
            except Rejected as rejected:
                yield refusal(at, rejected)
                continue
            yield from (Taken(f"{at}{path[1:]}", event) for event in events)
        if self._wire.status == "cancelled":
            ended = self._dossier.recorded.astimezone(self._dossier.tz).date()
            yield Taken(at, self._dossier.reached(Stage.TERMINATED, ended))

    def _project(self, signed: date) -> Project:
        classes = {found.scheme: found.id for found in self._wire.classes if found.id}
        return Project(
            zone=self._dossier.zone,
            project=self._dossier.project,
            title=self._wire.title or self._wire.id,
            signed=signed,
            value=self._committed(),
            cluster=known_word(
                classes.get("cluster") or self._terms.cluster or "",
                self._words.clusters,
                "cluster among $.additionalClassifications, or --cluster",
            ),
            functional_area=known_word(
                classes.get("functional_area") or self._terms.functional_area or "",
                self._words.functional_areas,
                "functional_area among $.additionalClassifications, or --functional-area",
            ),
            park=classes.get("park") if classes.get("park") in self._words.parks else None,
        )

    def _committed(self) -> Money:
        budget = self._wire.budget.amount
        if budget is not None and budget.amount is not None:
            return money(budget.amount, budget.currency, None, "$.budget.amount")
        values = [c.summary.value for c in self._wire.contracting if c.summary.value]
        amounts = [value.amount for value in values if value.amount is not None]
        currencies = {value.currency for value in values}
        if not amounts or len(currencies) != 1:
            raise Rejected(
                Reason.MISSING_FIELD,
                "neither a budget nor contract values of one currency say what was committed",
                where="$.budget.amount",
            )
        return money(sum(amounts, Decimal(0)), currencies.pop(), None, "$.contractingProcesses")

    def _signed(self) -> date | None:
        closed = [m.met for _, _, m in self._milestones if m.code in SIGNING and m.met]
        for days in (closed, self._released("contract"), self._released("award")):
            if days:
                return min(self._day(text, "$") for text in days)
        return None

    def _released(self, tag: str) -> list[str]:
        return [
            release.date
            for process in self._wire.contracting
            for release in process.releases
            if tag in release.tag and release.date
        ]

    def _all_milestones(self) -> Iterator[tuple[str, str, _Milestone]]:
        """Name, path and content of each; ids are unique in their list only."""
        for index, milestone in enumerate(self._wire.milestones):
            yield code_of(str(milestone.id)), f"$.milestones[{index}]", milestone
        for place, process in enumerate(self._wire.contracting):
            for index, milestone in enumerate(process.summary.milestones):
                name = code_of(f"{process.id or place}/{milestone.id}")
                path = f"$.contractingProcesses[{place}].summary.milestones[{index}]"
                yield name, path, milestone

    def _milestone(self, name: str, path: str, found: _Milestone) -> tuple[ProjectEvent, ...]:
        events: list[ProjectEvent] = []
        if found.due:
            due = self._day(found.due, f"{path}.dueDate")
            events.append(self._dossier.planned(name, found.title or name, due, found.type))
        if found.met:
            met = self._day(found.met, f"{path}.dateMet")
            events.append(self._dossier.met(name, met))
            if stage := STAGES.get(found.code):
                events.append(self._dossier.reached(stage, met))
        return tuple(events)

    def _day(self, text: str, where: str) -> date:
        """A day as written; OC4IDS writes days as instants at midnight UTC."""
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            raise Rejected(
                Reason.BAD_VALUE, f"{excerpt(text)} is no day; expected 2020-03-01", where=where
            ) from None
