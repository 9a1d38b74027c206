"""OCDS releases and records: each contracting process is a project, signed by its first contract.

A release describes its process as of its `date`; the releases of an import are merged by process
in the order of their dates, so that an amendment need not repeat the day of signing.  In a record
the compiled release is read, else its releases.  The day of signing is the earliest `dateSigned`
of a contract, else the date of a release tagged `contract`, else of the earliest award.  The
committed amount is the sum of the contracts, else of the awards, else the budget.  A project of
several processes is published as OC4IDS.
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
    converted,
    day,
    outcomes_of,
    plain_values,
    signed_project,
    summed,
)
from producers.reading.json_stream import Element, elements
from producers.reading.outcome import (
    Accepted,
    File,
    Message,
    Outcomes,
    ReadingTerms,
    Skip,
    Skipped,
    refusal,
)
from producers.reading.project_events import ProjectRecord, code_of
from producers.reading.release_history import ReleaseHistory
from producers.reading.values import instant

CANCELLED = "cancelled"
# tags, in small letters, of releases about a process that was signed before
AFTER_SIGNING = frozenset(("implementation", "implementationupdate", "contractamendment"))


class _Project(Struct):
    title: str = ""
    classes: list[Classification] = msgspec.field(
        default_factory=list, name="additionalClassifications"
    )


class _Planning(Struct):
    budget: Budget = msgspec.field(default_factory=Budget)
    project: _Project = msgspec.field(default_factory=_Project)
    milestones: list[PublishedMilestone] = []


class _Tender(Struct):
    title: str = ""
    status: str = ""
    milestones: list[PublishedMilestone] = []


class _Implementation(Struct):
    milestones: list[PublishedMilestone] = []


class _Contract(Struct):
    id: str | int = ""
    title: str = ""
    status: str = ""
    value: PublishedAmount | None = None
    signed: str | None = msgspec.field(default=None, name="dateSigned")
    milestones: list[PublishedMilestone] = []
    implementation: _Implementation = msgspec.field(default_factory=_Implementation)


class _Award(Struct):
    date: str | None = None
    status: str = "active"
    value: PublishedAmount | None = None


class _OcdsRelease(Struct):
    ocid: str
    date: str | None = None
    tag: list[str] = []
    planning: _Planning = msgspec.field(default_factory=_Planning)
    tender: _Tender = msgspec.field(default_factory=_Tender)
    awards: list[_Award] = []
    contracts: list[_Contract] = []
    contract_date: str | None = None
    """Date of the first release tagged `contract`."""
    award_date: str | None = None
    """Date of the first release tagged `award`."""

    @property
    def made(self) -> list[_Award]:
        """Its active awards."""
        return [award for award in self.awards if award.status.casefold() == "active"]

    @property
    def signed(self) -> list[_Contract]:
        """Its contracts, without those that are not signed yet."""
        return [one for one in self.contracts if one.status.casefold() != "pending"]

    @property
    def standing(self) -> list[_Contract]:
        """Its signed contracts that are not cancelled; all of them if every one is."""
        signed = self.signed
        return [one for one in signed if one.status.casefold() != CANCELLED] or signed

    @property
    def tags(self) -> frozenset[str]:
        """Its tags in small letters."""
        return frozenset(map(str.casefold, self.tag))

    @property
    def says_an_amount(self) -> bool:
        """Whether it gives the value of a contract."""
        return any(contract.value is not None for contract in self.contracts)


class _Record(Struct):
    """A record or package that contains releases."""

    compiled: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw, name="compiledRelease")
    releases: list[msgspec.Raw] = []


_decode_record = msgspec.json.Decoder(_Record).decode


def read(file: File, terms: ReadingTerms) -> Outcomes:
    """Yield the outcomes of a package of releases or records, or of one release."""
    yield Message("$")
    written_at = datetime.fromtimestamp(file.written_at, UTC)
    history = terms.releases or ReleaseHistory()
    history.begin()
    for element in elements(file.stream):
        if not isinstance(element, Element):
            yield element
            continue
        for at, raw in _releases(element):
            try:
                _keep(at, raw, history, written_at)
            except Rejected as rejected:
                yield refusal(at, rejected, raw)
    for placed in history.merged():
        try:
            own = converted(placed.release, placed.raw, _OcdsRelease)
            merged = converted(placed.merged, placed.raw, _OcdsRelease)
            yield from _outcomes(own, merged, terms, written_at, placed.at)
        except Rejected as rejected:
            yield refusal(placed.at, rejected, placed.raw)


def _keep(at: str, raw: bytes, history: ReleaseHistory, written_at: datetime) -> None:
    """Keep a release that has the form of one, until the file is read."""
    values = plain_values(raw)
    release = converted(values, raw, _OcdsRelease)
    recorded = instant(release.date, "$.date") if release.date else written_at
    history.keep(at, raw, values, recorded.timestamp())


def _releases(element: Element) -> Iterator[tuple[str, bytes]]:
    """Yield the path and the bytes of each release of an element."""
    try:
        found = _decode_record(element.raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        found = _Record()  # the reader of releases reports what is wrong
    if bytes(found.compiled).startswith(b"{"):
        yield f"{element.at}.compiledRelease", bytes(found.compiled)
    elif found.releases:
        for index, release in enumerate(found.releases):
            yield f"{element.at}.releases[{index}]", bytes(release)
    else:
        yield element.at, element.raw


def _outcomes(
    own: _OcdsRelease, merged: _OcdsRelease, terms: ReadingTerms, written_at: datetime, at: str
) -> Outcomes:
    """Yield the signing, then stages and milestones; before a signing none counts.

    `merged` is the release as the earlier ones of its process complete it.
    """
    book = terms.book
    recorded = instant(own.date, "$.date") if own.date else written_at
    record = ProjectRecord(book.described_zone().code, code_of(own.ocid), book.tz, recorded)
    signed = _signed(merged, book.tz)
    registers = signed is not None and (_signed(own, book.tz) is not None or own.says_an_amount)
    if signed is not None and registers:
        classes = merged.planning.project.classes
        project = signed_project(
            record, terms, _title(merged), classes, signed, _committed(merged)
        )
        yield Accepted(at, record.registered(project))
    elif "contractamendment" in own.tags and own.says_an_amount:
        raise Rejected(
            Reason.MISSING_FIELD,
            "it amends a contract, but no release read so far has the dateSigned of one; import "
            "it together with the release that it amends",
            where="$.contracts",
        )
    elif AFTER_SIGNING.isdisjoint(own.tags):
        yield Skipped(at, Skip.NOT_SIGNED)
        return
    milestones = list(_milestones(own))
    yield from outcomes_of(milestones, record, at)
    if merged.signed and all(one.status.casefold() == CANCELLED for one in merged.signed):
        ended = recorded.astimezone(book.tz).date()
        yield Accepted(at, record.reached(Stage.TERMINATED, ended))
    elif not registers and not milestones:
        yield Skipped(at, Skip.NO_VALUE)


def _title(release: _OcdsRelease) -> str:
    contracts = (contract.title for contract in release.standing)
    planning = release.planning
    titles = (planning.project.title, planning.budget.project, release.tender.title, *contracts)
    return next(filter(None, titles), release.ocid)


def _committed(release: _OcdsRelease) -> Money:
    found = (
        summed([contract.value for contract in release.standing], "$.contracts")
        or summed([award.value for award in release.made], "$.awards")
        or summed([release.planning.budget.amount], "$.planning.budget.amount")
    )
    if found is None:
        raise Rejected(
            Reason.MISSING_FIELD,
            "neither contracts nor awards of one currency nor a budget say what was committed",
            where="$.contracts",
        )
    return found


def _signed(release: _OcdsRelease, tz: ZoneInfo) -> date | None:
    for texts, path in (
        ([contract.signed for contract in release.signed], "$.contracts"),
        ([release.contract_date], "$.date"),
        ([award.date for award in release.made], "$.awards"),
        ([None if release.awards else release.award_date], "$.date"),
    ):
        if known := [text for text in texts if text]:
            return min(day(text, path, tz) for text in known)
    return None


def _milestones(release: _OcdsRelease) -> Iterator[Placed]:
    lists = [
        ("planning", "$.planning", release.planning.milestones),
        ("tender", "$.tender", release.tender.milestones),
    ]
    for place, contract in enumerate(release.contracts):
        path = f"$.contracts[{place}]"
        lists.append((str(contract.id or place), path, contract.milestones))
        lists.append(
            (
                str(contract.id or place),
                f"{path}.implementation",
                contract.implementation.milestones,
            )
        )
    for owner, path, milestones in lists:
        for index, found in enumerate(milestones):
            yield Placed(code_of(f"{owner}/{found.id}"), f"{path}.milestones[{index}]", found)
