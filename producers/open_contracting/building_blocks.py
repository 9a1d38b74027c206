"""What OC4IDS and OCDS have in common: amounts, milestones and stages of a project.

Neither knows clusters or functional areas: `additionalClassifications` with scheme `cluster`,
`functional_area` or `park` give them, else the caller.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from contract.errors import Reason, Rejected
from contract.events import Money, Project, ProjectEvent, Stage
from contract.wire import why
from producers.reading.outcome import Accepted, Outcomes, ReadingTerms, excerpt, refusal
from producers.reading.project_events import ProjectRecord, ZoneWords, known_word, money

STAGES = {
    "projectApproval": Stage.FILED,
    "commencement": Stage.CONSTRUCTION_START,
    "completion": Stage.COMPLETED,
    "commissioning": Stage.IN_PRODUCTION,
}
"""Milestone code -> the stage that it reaches."""


T = TypeVar("T")

_plain = msgspec.json.Decoder(float_hook=Decimal).decode  # amounts stay exact


class PublishedAmount(Struct):
    """An amount of money."""

    amount: Decimal | None = None
    currency: str = "CNY"


class Budget(Struct):
    """What was set aside; `project` is a title of OCDS's."""

    amount: PublishedAmount | None = None
    project: str = ""


class Classification(Struct):
    """How a project is sorted."""

    scheme: str = ""
    id: str = ""


class PublishedMilestone(Struct):
    """A milestone as written."""

    id: str | int
    title: str = ""
    type: str = "delivery"
    code: str = ""
    due: str | None = msgspec.field(default=None, name="dueDate")
    met: str | None = msgspec.field(default=None, name="dateMet")


class Placed(Struct, frozen=True):
    """A milestone, its name in the project (ids are unique in their list only), and its path."""

    name: str
    path: str
    milestone: PublishedMilestone


def decoded(raw: bytes, kind: type[T]) -> T:
    """A project or release; a null stands for nothing, as both standards have it.

    Raises:
        Rejected: it is none, with the JSON path in `where`.
    """
    try:
        return msgspec.convert(_without_nulls(_plain(raw)), kind)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise why(raw, error) from None


def signed_project(
    dossier: ProjectRecord,
    terms: ReadingTerms,
    title: str,
    classes: Iterable[Classification],
    signed: date,
    value: Money,
) -> Project:
    """A project as signed, sorted by its classes or the caller's.

    Raises:
        Rejected: neither says cluster and functional area in words of the book.
    """
    words = ZoneWords.of(terms.book.zone)
    said = {found.scheme: found.id for found in classes if found.id}
    return Project(
        zone=dossier.zone,
        project=dossier.project,
        title=title,
        signed=signed,
        value=value,
        cluster=known_word(
            said.get("cluster") or terms.cluster or "",
            words.clusters,
            "cluster among $.additionalClassifications, or --cluster",
        ),
        functional_area=known_word(
            said.get("functional_area") or terms.functional_area or "",
            words.functional_areas,
            "functional_area among $.additionalClassifications, or --functional-area",
        ),
        park=said.get("park") if said.get("park") in words.parks else None,
    )


def summed(values: Sequence[PublishedAmount | None], where: str) -> Money | None:
    """Amounts of one currency added up; None if there are none, or of several currencies."""
    found = [value for value in values if value is not None and value.amount is not None]
    currencies = {value.currency for value in found}
    if len(currencies) != 1:
        return None
    amount = sum((value.amount or Decimal(0) for value in found), Decimal(0))
    return money(amount, currencies.pop(), None, where)


def outcomes_of(milestones: Iterable[Placed], dossier: ProjectRecord, at: str) -> Outcomes:
    """What milestones say: when each is due, when it was met, the stage it reached."""
    for placed in milestones:
        try:
            events = _events(placed, dossier)
        except Rejected as rejected:
            yield refusal(at, rejected)
            continue
        yield from (Accepted(f"{at}{placed.path[1:]}", event) for event in events)


def day(text: str, where: str) -> date:
    """A day as written; both standards write days as instants, mostly at midnight UTC.

    Raises:
        Rejected: it is none.
    """
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise Rejected(
            Reason.BAD_VALUE, f"{excerpt(text)} is no day; expected 2020-03-01", where=where
        ) from None


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(part) for name, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_without_nulls(part) for part in value if part is not None]
    return value


def _events(placed: Placed, dossier: ProjectRecord) -> tuple[ProjectEvent, ...]:
    name, found = placed.name, placed.milestone
    events: list[ProjectEvent] = []
    if found.due:
        due = day(found.due, f"{placed.path}.dueDate")
        events.append(dossier.planned(name, found.title or name, due, found.type))
    if found.met:
        met = day(found.met, f"{placed.path}.dateMet")
        events.append(dossier.met(name, met))
        if stage := STAGES.get(found.code):
            events.append(dossier.reached(stage, met))
    return tuple(events)
