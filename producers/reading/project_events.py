"""Events of one project, with ids by their subject, so that a corrected file amends them.

A signing has the same id whatever its date or amount.  A milestone that is planned for another day
is a new plan, so that its first due day is kept.
"""

import hashlib
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from msgspec import Struct

from contract.book import Zone
from contract.errors import Reason, Rejected
from contract.events import (
    Amount,
    AmountChanged,
    Label,
    Milestone,
    MilestoneDate,
    MilestoneMet,
    MilestonePlanned,
    Money,
    Project,
    ProjectRegistered,
    Stage,
    StageDate,
    StageReached,
)
from producers.reading.outcome import excerpt

SOURCE = "/projects"
CODE_CHARS = 64  # the longest code in the contract


class ZoneWords(Struct, frozen=True):
    """The classifications of projects in the zone: code -> names in both languages."""

    clusters: dict[str, tuple[str, ...]]
    functional_areas: dict[str, tuple[str, ...]]
    parks: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, zone: Zone) -> "ZoneWords":
        """Return the classifications of the book."""
        return cls(_names(zone.clusters), _names(zone.functional_areas), _names(zone.parks))


class ProjectRecord(Struct, frozen=True):
    """The subject of project events, and when the record was made."""

    zone: str
    project: str
    tz: ZoneInfo
    recorded: datetime

    def registered(self, project: Project) -> ProjectRegistered:
        """Return the event of its signing."""
        return ProjectRegistered(
            specversion="1.0",
            id=f"{self.project}|signed",
            source=SOURCE,
            time=self.midnight(project.signed),
            recordedtime=self.recorded,
            data=project,
        )

    def increased(self, increment: Money, on: date) -> AmountChanged:
        """Return the event of a capital increase."""
        return AmountChanged(
            specversion="1.0",
            id=f"{self.project}|increase|{on}",
            source=SOURCE,
            time=self.midnight(on),
            recordedtime=self.recorded,
            data=Amount(self.zone, self.project, increment),
        )

    def reached(self, stage: Stage, on: date) -> StageReached:
        """Return the event of a stage that it reached."""
        return StageReached(
            specversion="1.0",
            id=f"{self.project}|stage|{stage}",
            source=SOURCE,
            time=self.midnight(on),
            recordedtime=self.recorded,
            data=StageDate(self.zone, self.project, stage, on),
        )

    def planned(
        self, milestone: str, title: str, due: date, kind: str = "delivery"
    ) -> MilestonePlanned:
        """Return the event of a milestone that was planned, or planned again."""
        return MilestonePlanned(
            specversion="1.0",
            id=f"{self.project}|milestone|{milestone}|{due}",
            source=SOURCE,
            time=self.recorded,
            recordedtime=self.recorded,
            data=Milestone(self.zone, self.project, milestone, title, due, type=kind),
        )

    def met(self, milestone: str, on: date) -> MilestoneMet:
        """Return the event of a milestone that was met."""
        return MilestoneMet(
            specversion="1.0",
            id=f"{self.project}|milestone|{milestone}|met",
            source=SOURCE,
            time=self.midnight(on),
            recordedtime=self.recorded,
            data=MilestoneDate(self.zone, self.project, milestone, on),
        )

    def midnight(self, on: date) -> datetime:
        """Return the begin of a day in the port's time zone."""
        return datetime(on.year, on.month, on.day, tzinfo=self.tz)


def money(amount: Decimal, currency: str, rate: Decimal | None, where: str) -> Money:
    """Return an amount of money.

    Raises:
        Rejected: the amount is negative, or its rate is not positive.
    """
    try:
        return Money(amount, currency, rate)
    except ValueError as error:
        raise Rejected(Reason.BAD_VALUE, str(error), where=where) from None


def code_of(name: str) -> str:
    """Return a code for a name: the name itself, or its hash if it is too long."""
    if len(name) <= CODE_CHARS:
        return name
    return hashlib.blake2b(name.encode(), digest_size=12).hexdigest()


def known_word(text: str, words: dict[str, tuple[str, ...]], where: str) -> str:
    """Return the code that a text names, as code or in either language; `words` is code -> names.

    Raises:
        Rejected: the text is empty or not among them.
    """
    wanted = text.casefold()
    for code, names in words.items():
        if wanted in (code.casefold(), *(name.casefold() for name in names)):
            return code
    known = ", ".join(f"{code} ({' / '.join(names)})" for code, names in words.items())
    if not text:
        raise Rejected(Reason.MISSING_FIELD, f"the value is missing; known: {known}", where=where)
    raise Rejected(
        Reason.UNKNOWN_CODE,
        f"{excerpt(text)} is not in the zone's book; known: {known}",
        where=where,
    )


def _names(labels: dict[str, Label]) -> dict[str, tuple[str, ...]]:
    return {code: (label.zh, label.en) for code, label in labels.items()}
