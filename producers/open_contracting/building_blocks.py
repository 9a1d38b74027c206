"""The parts that OC4IDS and OCDS share: amounts, milestones and stages of a project.

Neither standard has clusters or functional areas: `additionalClassifications` with the scheme
`cluster`, `functional_area` or `park` name them, else the caller does.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from contract.errors import Reason, Rejected
from contract.events import Money, Project, ProjectEvent, Stage
from contract.wire import rejection_of
from producers.reading.outcome import Accepted, Outcomes, ReadingTerms, excerpt, refusal
from producers.reading.project_events import ProjectRecord, ZoneWords, known_word, money
from producers.reading.values import iso_time

STAGES = {
    "projectapproval": Stage.FILED,
    "commencement": Stage.CONSTRUCTION_START,
    "completion": Stage.COMPLETED,
    "commissioning": Stage.IN_PRODUCTION,
}
"""Code of a milestone, in small letters -> the stage that is reached with it."""


T = TypeVar("T")

_plain = msgspec.json.Decoder(float_hook=Decimal).decode  # amounts remain exact


class PublishedAmount(Struct):
    """An amount of money."""

    amount: Decimal | None = None
    currency: str = ""


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


def plain_values(raw: bytes) -> Any:
    """Decode JSON to plain values with exact numbers.

    Raises:
        Rejected: the bytes are no JSON.
    """
    try:
        return _plain(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise rejection_of(raw, error) from None


def converted(value: Any, raw: bytes, kind: type[T]) -> T:
    """Convert plain values to a project or release; a null is an absent field.

    Raises:
        Rejected: they have another form; `where` is the JSON path.
    """
    try:
        return msgspec.convert(_without_nulls(value), kind)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise rejection_of(raw, error) from None


def decoded(raw: bytes, kind: type[T]) -> T:
    """Decode a project or release; a null is an absent field, as in both standards.

    Raises:
        Rejected: the bytes have another form; `where` is the JSON path.
    """
    return converted(plain_values(raw), raw, kind)


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
    words = ZoneWords.of(terms.book.described_zone())
    said = {found.scheme.casefold(): found.id for found in classes if found.id}
    park = said.get("park", "").casefold()
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
        park=next((code for code in words.parks if code.casefold() == park), None),
    )


def summed(values: Sequence[PublishedAmount | None], where: str) -> Money | None:
    """Return the sum of amounts; None if there are none, or they have several currencies.

    Raises:
        Rejected: an amount has no currency.
    """
    found = [value for value in values if value is not None and value.amount is not None]
    currencies = {_currency(value.currency) for value in found}
    if "" in currencies:
        raise Rejected(
            Reason.MISSING_FIELD,
            "an amount without a currency; write the currency beside it, such as CNY",
            where=where,
        )
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


def day(text: str, where: str, tz: ZoneInfo) -> date:
    """Return a day; an instant is a day of the time zone `tz`.

    Both standards write a day without a time as its first or last moment in UTC.

    Raises:
        Rejected: the text is neither a day nor an instant.
    """
    try:
        at = iso_time(text)
        if len(text) == 10 or at.tzinfo is None or _is_day_alone(at):
            return at.date()
        return at.astimezone(tz).date()
    except (ValueError, OverflowError):
        raise Rejected(
            Reason.BAD_VALUE, f"{excerpt(text)} is no day; expected 2020-03-01", where=where
        ) from None


def _is_day_alone(at: datetime) -> bool:
    """Whether an instant is the first or the last moment of a day in UTC."""
    return not at.utcoffset() and (at.hour, at.minute, at.second) in (
        (0, 0, 0),
        (23, 59, 0),
        (23, 59, 59),
    )


def _currency(code: str) -> str:
    """Return a currency in capitals; RMB is the everyday name of CNY."""
    word = code.strip().upper()
    return "CNY" if word == "RMB" else word


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
        due = day(found.due, f"{placed.path}.dueDate", record.tz)
        events.append(record.planned(name, found.title or name, due, found.type))
    if found.met:
        met = day(found.met, f"{placed.path}.dateMet", record.tz)
        events.append(record.met(name, met))
        if stage := STAGES.get(found.code.casefold()):
            events.append(record.reached(stage, met))
    return tuple(events)
