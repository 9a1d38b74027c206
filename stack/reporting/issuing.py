"""The issuing of reports: made from the books, frozen in a folder, recorded in Kafka.

1. The values are measured, and compared with the issue before.
2. All files are written into a folder aside, and brought to disk.
3. One rename puts the folder where issued reports lie.  From now on the report is issued.
4. Its record is sent to `port.reports`.

A kill before 3 leaves nothing but a folder aside, which the next run removes; one before 4 leaves
a report whose record `recover` sends.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import msgspec
from msgspec.structs import replace

from broker.connection import Connection
from contract.book import Book
from contract.errors import StackError
from contract.events import Label
from contract.reporting.issued_report import IssuedReport, ReportNote
from contract.settings import Settings
from contract.topics import MOVES
from kpis.past.all_owners import PastOfOwners
from reports.forms.glyphs import boxes, missing
from reports.forms.records import figure_records
from reports.issuing.due import DueReport
from reports.issuing.move_causes import explained
from reports.issuing.packed_values import packed, unpacked
from reports.issuing.revisions import revised_days, revisions
from reports.measuring.report_values import Owners, ReportMeasuring, run_rate
from reports.period import Period
from reports.values import Remark, ReportIssue, ReportValues
from reports.wholeness import is_whole
from stack.alert_receivers import declared_alerting
from stack.backfill.prometheus_api import Prometheus
from stack.backfill.snapshot_reader import read_past
from stack.context import Say
from stack.forecast_process import forecasts
from stack.reporting import report_topics
from stack.reporting.fired_alerts import fired_alerts
from stack.reporting.partner_month import PartnersAsked, partners_of_month
from stack.reporting.report_files import digests, fonts_digest, report_files
from stack.reporting.report_making import built
from stack.reporting.report_store import ReportStore, decode_issue
from stack.reporting.revision_causes import revision_causes
from stack.status.exposition import lag
from stack.status.live_workers import live_exposition


class HeldBooks(NamedTuple):
    """What Kafka holds at one moment: the ends of the raw topics were read before the books."""

    ends: dict[str, tuple[int, ...]]
    past: PastOfOwners
    notes: dict[bytes, ReportNote]
    unread: bool
    """Whether the worker had events to read, or did not answer."""


class Issuer:
    """Issues reports of one port; the store must be owned."""

    def __init__(
        self,
        settings: Settings,
        book: Book,
        store: ReportStore,
        now: Callable[[], datetime],
        say: Say,
    ) -> None:
        self._settings, self._book = settings, book
        self._store, self._now, self._say = store, now, say
        self._connection = Connection.of(settings)

    def held(self) -> HeldBooks:
        """Return the books as of now.

        Raises:
            StackError: there is no broker, or a topic is missing.
        """
        ends = report_topics.raw_ends(self._connection)
        waiting = lag(live_exposition(self._settings) or "")
        past = read_past(self._connection, self._book)
        return HeldBooks(ends, past, report_topics.notes(self._connection), waiting != 0)

    def recover(self) -> dict[str, IssuedReport]:
        """Return number -> issued report of folder and topic, after the topic has all records.

        A report that only the topic has counts as issued: `quaymark report rebuild` makes its
        files again.

        Raises:
            StackError: there is no broker.
        """
        recorded = report_topics.recorded_reports(self._connection)
        for one in self._store.issued():
            if one.number not in recorded:
                report_topics.record_report(self._connection, self._store.record(one), one.key)
                recorded[one.number] = one
        return recorded

    def values(
        self, owners: Owners, period: Period, held: HeldBooks, before: IssuedReport | None
    ) -> ReportValues | None:
        """Return the values of a report, or None if the books hold nothing of its period.

        Raises:
            StackError: there is no broker.
        """
        made = forecasts if self._settings.forecast_minutes else run_rate
        measuring = ReportMeasuring(self._book, held.past, period, made)
        alerts = fired_alerts(Prometheus(self._settings.prometheus), self._book, period)
        values = measuring.values(owners, alerts)
        begin = values.port.begin if values.port else None
        if begin is None and values.zone is None:
            return None
        remarks = remarks_of(held.notes.values(), values.owner, period)
        if values.port:
            ends = held.ends.get(MOVES.name, ())
            asked = PartnersAsked(values.owner, period, ends, self._now())
            folder = Path(self._settings.register_folder)
            partners = partners_of_month(folder, self._book, asked, self._say)
            values = replace(values, partners=partners)
        values = replace(values, remarks=remarks)
        return self._revised(values, before) if before else values

    def issue(
        self, wanted: DueReport, values: ReportValues, held: HeldBooks, by: str
    ) -> IssuedReport:
        """Issue a report, and return it.

        Raises:
            StackError: it is issued already, the disk is full, or Kafka refuses its record; in
                the last case it is issued, and `recover` sends the record.
        """
        now = self._now().astimezone(self._book.tz)
        issue = ReportIssue(
            on=now.date(),
            clock=f"{now:%H:%M}",
            edition=wanted.edition,
            provisional=not self.is_whole(values, held),
            unread=held.unread,
        )
        values = replace(values, issue=issue)
        languages = self._book.report.languages
        files = report_files(values, self._book, languages)
        report = IssuedReport(
            owner=wanted.owner,
            kind=wanted.period.kind.value,
            period=wanted.period.name,
            edition=wanted.edition,
            first=wanted.period.span.first,
            last=wanted.period.last,
            issued_at=now,
            provisional=issue.provisional,
            by=by,
            version=version("quaymark"),
            fonts=fonts_digest(),
            offsets=held.ends,
            files=digests(files),
            figures=figure_records(replace(built(values, self._book, languages[0]), sheets=())),
            values=packed(values),
        )
        self._store.put(report, files)
        report_topics.record_report(self._connection, self._store.record(report), report.key)
        pages = (built(values, self._book, lang) for lang in languages)
        if lacking := dict.fromkeys(one for page in pages for one in missing(page)):
            self._say(f"{report.number}: {boxes(lacking)}")
        return report

    def is_ready(self, owners: Owners, period: Period, held: HeldBooks) -> bool:
        """Whether a report would be whole; it makes no forecast for that."""
        values = ReportMeasuring(self._book, held.past, period).values(owners)
        return self.is_whole(values, held)

    def is_whole(self, values: ReportValues, held: HeldBooks) -> bool:
        """Whether Kafka is read to its end and the last day of a report's period is whole."""
        port_is = values.port is None or is_whole(values.port, values.period)
        return port_is and not held.unread

    def _revised(self, values: ReportValues, before: IssuedReport) -> ReportValues:
        """Return values with what differs from the issue before."""
        try:
            then = unpacked(self._values_of(before))
        except ValueError:  # of another version of the program
            return values
        found = revisions(then, values)
        causes = revision_causes(
            self._connection,
            self._book,
            before.offsets.get(MOVES.name, ()),
            revised_days(found),
        )
        page = declared_alerting(self._settings).reports
        address = explanation(page, before.issued_at, self._now()) if page else ""
        return replace(values, revisions=explained(found, causes), explanation=address)

    def _values_of(self, report: IssuedReport) -> bytes:
        try:
            return decode_issue(self._store.record(report)).values
        except (StackError, msgspec.MsgspecError):  # the folder is lost, or damaged
            recorded = report_topics.recorded_reports(self._connection, whole=True)
        held = recorded.get(report.number)
        return held.values if held else b""


def explanation(page: str, since: datetime, known: datetime) -> str:
    """Return the address of what changed between two issues, on the web page."""
    moments = {"since": since, "known": known}
    asked = urlencode({name: at.isoformat(timespec="seconds") for name, at in moments.items()})
    return f"{page.rstrip('/')}/explain?{asked}"


def issue_owners(book: Book) -> tuple[tuple[str, Owners], ...]:
    """Return what reports are issued of: code, port area, zone.

    As `[report] owners` says; else the first port area's report has the zone as well, and without
    an area the zone has its own.
    """
    if book.report.owners:
        return tuple(_joined(book, codes) for codes in book.report.owners)
    if not book.area:
        return tuple((zone.code, Owners(None, zone)) for zone in (book.zone,) if zone)
    return tuple(
        (area.code, Owners(area, None if number else book.zone))
        for number, area in enumerate(book.area)
    )


def _joined(book: Book, codes: tuple[str, ...]) -> tuple[str, Owners]:
    area = next((one for one in book.area if one.code in codes), None)
    zone = book.zone if book.zone and book.zone.code in codes else None
    return area.code if area else codes[0], Owners(area, zone)


def issue_before(
    issued: Iterable[IssuedReport], owner: str, period: Period
) -> IssuedReport | None:
    """Return the issue with which a report is compared: the newest before it, or of its period."""
    found = [
        one
        for one in issued
        if one.owner == owner and one.kind == period.kind and one.last <= period.last
    ]
    return max(found, key=lambda one: (one.last, one.edition), default=None)


def remarks_of(notes: Iterable[ReportNote], owner: str, period: Period) -> tuple[Remark, ...]:
    """Return the remarks on an owner's days of a period, in order."""
    found = [
        Remark(note.on, note.about, note.by, Label(zh=note.text, en=note.english or note.text))
        for note in notes
        if note.owner == owner and period.span.first <= note.on <= period.last
    ]
    return tuple(sorted(found, key=lambda one: (one.on, one.about)))
