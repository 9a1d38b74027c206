"""The parts that OC4IDS and OCDS share: amounts, milestones and stages of a project.

Neither standard has clusters or functional areas: `additionalClassifications` with the scheme
`cluster`, `functional_area` or `park` name them, else the caller does.
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
"""Code of a milestone -> the stage that is reached with it."""


T = TypeVar("T")

_plain = msgspec.json.Decoder(float_hook=Decimal).decode  # amounts remain exact


class PublishedAmount(Struct):
    """An amount of money."""

    amount: Decimal | None = None
    currency: str = "CNY"


class Budget(Struct):
    """The budget; `project` is a title in OCDS."""

    amount: PublishedAmount | None = None
    project: str = ""


class Classification(Struct):
    """A classification of a project."""

    scheme: str = ""
    id: str = ""


class PublishedMilestone(Struct):
    """A milestone as published."""

    id: str | int
    title: str = ""
    type: str = "delivery"
    code: str = ""
    due: str | None = msgspec.field(default=None, name="dueDate")
    met: str | None = msgspec.field(default=None, name="dateMet")


class Placed(Struct, frozen=True):
    """A milestone, its name in the project (an id is unique in its list only), and its path."""

    name: str
    path: str
    milestone: PublishedMilestone


def decoded(raw: bytes, kind: type[T]) -> T:
    """Decode a project or release; a null is an absent field, as in both standards.

    Raises:
        Rejected: the bytes have another form; `where` is the JSON path.
    """
    try:
        return msgspec.convert(_without_nulls(_plain(raw)), kind)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise why(raw, error) from None


def signed_project(
    record: ProjectRecord,
    terms: ReadingTerms,
    title: str,
    classes: Iterable[Classification],
    signed: date,
    value: Money,
) -> Project:
    """Return a project as signed, classified by the file or by the caller.

    Raises:
        Rejected: cluster or functional area is missing, or is not in quaymark.toml.
    """
    words = ZoneWords.of(terms.book.zone)
    said = {found.scheme: found.id for found in classes if found.id}
    return Project(
        zone=record.zone,
        project=record.project,
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


def outcomes_of(milestones: Iterable[Placed], record: ProjectRecord, at: str) -> Outcomes:
    """Yield the events of milestones: due days, days on which they were met, stages."""
    for placed in milestones:
        try:
            events = _events(placed, record)
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


def _events(placed: Placed, record: ProjectRecord) -> tuple[ProjectEvent, ...]:
    name, found = placed.name, placed.milestone
    events: list[ProjectEvent] = []
    if found.due:
        due = day(found.due, f"{placed.path}.dueDate")
        events.append(record.planned(name, found.title or name, due, found.type))
    if found.met:
        met = day(found.met, f"{placed.path}.dateMet")
        events.append(record.met(name, met))
        if stage := STAGES.get(found.code):
            events.append(record.reached(stage, met))
    return tuple(events)
