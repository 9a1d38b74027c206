"""OCDS releases and records: each contracting process is a project, signed by its first contract.

A release tells of its process as of its `date`, so the newest one stands; of a record the compiled
release is read, else all that it holds.  Signed is the earliest contract's `dateSigned`, else a
release tagged `contract`, else the earliest award.  Committed is what its contracts sum up to,
else its awards, else the budget.  A project of several processes is OC4IDS's to tell.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime

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
from producers.reading.values import instant

CANCELLED = "cancelled"
# a release of these tags tells what became of a process that an earlier one said was signed
AFTER_SIGNING = frozenset(("implementation", "implementationUpdate", "contractAmendment"))


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

    @property
    def made(self) -> list[_Award]:
        """Its awards that stand."""
        return [award for award in self.awards if award.status == "active"]

    @property
    def signed(self) -> list[_Contract]:
        """Its contracts, without those that still wait for a signature."""
        return [contract for contract in self.contracts if contract.status != "pending"]

    @property
    def standing(self) -> list[_Contract]:
        """What was signed and not cancelled; all of it if everything was."""
        signed = self.signed
        return [one for one in signed if one.status != CANCELLED] or signed


class _Record(Struct):
    """A record or package that contains releases."""

    compiled: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw, name="compiledRelease")
    releases: list[msgspec.Raw] = []


_decode_record = msgspec.json.Decoder(_Record).decode


def read(file: File, terms: ReadingTerms) -> Outcomes:
    """Yield the outcomes of a package of releases or records, or of one release."""
    yield Message("$")
    written_at = datetime.fromtimestamp(file.written_at, UTC)
    try:
        for element in elements(file.stream):
            for at, raw in _releases(element):
                try:
                    yield from _outcomes(decoded(raw, _OcdsRelease), terms, written_at, at)
                except Rejected as rejected:
                    yield refusal(at, rejected, raw)
    except Rejected as rejected:
        yield refusal("", rejected)


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
    release: _OcdsRelease, terms: ReadingTerms, written_at: datetime, at: str
) -> Outcomes:
    """The signing, then stages and milestones; before a signing nothing counts."""
    book = terms.book
    recorded = instant(release.date, "$.date") if release.date else written_at
    record = ProjectRecord(book.zone.code, code_of(release.ocid), book.tz, recorded)
    signed = _signed(release)
    if signed is not None:
        project = signed_project(
            record,
            terms,
            _title(release),
            release.planning.project.classes,
            signed,
            _committed(release),
        )
        yield Accepted(at, record.registered(project))
    elif AFTER_SIGNING.isdisjoint(release.tag):
        yield Skipped(at, Skip.NOT_SIGNED)
        return
    milestones = list(_milestones(release))
    yield from outcomes_of(milestones, record, at)
    if release.signed and all(contract.status == CANCELLED for contract in release.signed):
        ended = recorded.astimezone(book.tz).date()
        yield Accepted(at, record.reached(Stage.TERMINATED, ended))
    elif signed is None and not milestones:
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


def _signed(release: _OcdsRelease) -> date | None:
    tag = release.tag
    for texts, path in (
        ([contract.signed for contract in release.signed], "$.contracts"),
        ([release.date if "contract" in tag else None], "$.date"),
        ([award.date for award in release.made], "$.awards"),
        ([release.date if "award" in tag and not release.awards else None], "$.date"),
    ):
        if known := [text for text in texts if text]:
            return min(day(text, path) for text in known)
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
