"""What is kept of an issued report: its digests, its figures, and the values to make it again."""

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta, Struct

BY_SCHEDULE, BY_HAND = "schedule", "hand"
"""What issued a report: the plan of [report], or a person."""
Edition = Annotated[int, Meta(ge=1)]


class FigureRecord(Struct, frozen=True):
    """A figure: the series and labels of its KPI, the days that it is of, and its value.

    `against` says what the value compares with: plan, year-before, month-before, week-before,
    festival-before, mean-28-days, share-of-all, earlier-issue, or nothing.  Of value and reason
    one is null.
    """

    series: str
    labels: dict[str, str]
    first: date
    last: date
    against: str
    value: float | None
    unit: str
    reason: str | None


class IssuedFile(Struct, frozen=True):
    """A file of an issued report."""

    name: str
    size: int
    sha256: str


class IssuedReport(Struct, frozen=True, tag="issued-report"):
    """An issued report, which never changes; a later edition of its period supersedes it.

    `offsets` are the ends of the raw topics when the books were read: topic -> end offset of each
    partition.  `version` and `fonts` (a SHA-256) made the files; `values` (base64 in JSON) are all
    that the pages are made of, packed and deflated.
    """

    owner: str
    kind: str
    period: str
    edition: Edition
    first: date
    last: date
    issued_at: datetime
    provisional: bool
    by: str
    version: str
    fonts: str
    offsets: dict[str, tuple[int, ...]]
    files: tuple[IssuedFile, ...]
    figures: tuple[FigureRecord, ...] = ()
    values: bytes = b""

    @property
    def number(self) -> str:
        """The name by which people ask for it, such as tonghai/daily/2026-11-25/1."""
        return f"{self.owner}/{self.kind}/{self.period}/{self.edition}"

    @property
    def key(self) -> bytes:
        """The compaction key of its record."""
        return self.number.replace("/", "|").encode()


class ReportNote(Struct, frozen=True, tag="report-note"):
    """A remark of a person on an owner's day, such as what was done about an alert."""

    owner: str
    on: date
    about: str
    by: str
    at: datetime
    text: str
    english: str = ""
    """The same in English; "" where there is none."""

    @property
    def key(self) -> bytes:
        """The compaction key: of two remarks about one thing on one day the newer counts."""
        return f"{self.owner}|{self.on}|{self.about}".encode()
