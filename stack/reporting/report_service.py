"""The loop that issues reports when they are due, until it is stopped."""

from collections.abc import Callable
from datetime import datetime, timedelta

from contract.book import Book
from contract.errors import StackError
from contract.reporting.issued_report import BY_SCHEDULE, IssuedReport
from reports.issuing.due import DueReport, ReportClock, due
from reports.measuring.report_values import Owners
from reports.period import ReportKind
from stack.context import Say
from stack.reporting.issuing import HeldBooks, Issuer, issue_before, issue_owners
from stack.reporting.report_store import ReportStore

LOOKS_AGAIN = timedelta(minutes=10)
"""How often it is looked whether a provisional report is whole; it reads all books for that."""


class ReportSchedule:
    """Issues what is due each time it is asked to; a fault of one time is tried again the next."""

    def __init__(
        self, book: Book, issuer: Issuer, store: ReportStore, now: Callable[[], datetime], say: Say
    ) -> None:
        self._book, self._issuer, self._store = book, issuer, store
        self._now, self._say, self._since = now, say, now()
        self._waits: set[str] = set()
        self._next_look: dict[str, datetime] = {}
        self._empty: set[str] = set()
        """The reports of which the books hold nothing."""
        self.issued: dict[str, IssuedReport] | None = None
        """Number -> issued report; None until folder and topic could be read."""
        self.overdue: dict[tuple[str, str], float] = {
            (code, kind): 0.0 for code, _ in issue_owners(book) for kind in book.report.kinds
        }
        """Owner and kind -> seconds since patience for a report that is not issued was over."""

    def run(self) -> list[IssuedReport]:
        """Issue what is due, in order; return what was issued.

        Raises:
            StackError: there is no broker, another process issues reports, or the disk is full.
        """
        made: list[IssuedReport] = []
        try:
            with self._store.owned():
                self._issue_due(made)
        except StackError:
            self.issued = None  # folder and topic may differ now: `recover` mends that
            raise
        finally:
            self._note_overdue()
        return made

    def newest(self) -> dict[tuple[str, str], float]:
        """Return owner and kind -> when the newest report was issued, in Unix seconds."""
        found: dict[tuple[str, str], float] = {}
        for one in (self.issued or {}).values():
            place = one.owner, one.kind
            found[place] = max(found.get(place, 0.0), one.issued_at.timestamp())
        return found

    def _issue_due(self, made: list[IssuedReport]) -> None:
        if self.issued is None:
            self.issued = self._issuer.recover()
        # a person may have issued one by hand in the meantime
        self.issued |= {one.number: one for one in self._store.issued()}
        clock = self._clock()
        held: HeldBooks | None = None
        for code, owners in issue_owners(self._book):
            waiting: set[ReportKind] = set()
            for one in due(code, clock, self.issued.values()):
                kind = one.period.kind
                if kind in waiting or (one.edition > 1 and not self._looks_again(one)):
                    continue
                held = held or self._issuer.held()
                if self._must_wait(one, owners, held):
                    if one.edition == 1:
                        waiting.add(kind)  # the periods after it come later, in order
                elif report := self._issued(one, owners, held):
                    self.issued[report.number] = report
                    made.append(report)

    def _note_overdue(self) -> None:
        """Note what is due and not issued, also while it can't be issued."""
        issued = self._store.issued() if self.issued is None else self.issued.values()
        clock, overdue = self._clock(), dict.fromkeys(self.overdue, 0.0)
        for code, _ in issue_owners(self._book):
            for one in due(code, clock, issued):
                place = one.owner, one.period.kind.value
                if one.edition == 1 and _name(one) not in self._empty:
                    overdue[place] = max(overdue[place], clock.overdue_seconds(one.period))
        self.overdue = overdue

    def _clock(self) -> ReportClock:
        return ReportClock(self._book.report, self._book.tz, self._now(), self._since)

    def _issued(self, one: DueReport, owners: Owners, held: HeldBooks) -> IssuedReport | None:
        before = issue_before((self.issued or {}).values(), one.owner, one.period)
        values = self._issuer.values(owners, one.period, held, before)
        name = _name(one)
        if values is None:
            self._empty.add(name)
            self._say_once(name, f"{name}: nothing to report, since the books hold nothing of it")
            return None
        report = self._issuer.issue(one, values, held, BY_SCHEDULE)
        kind = "issued as provisional" if report.provisional else "issued"
        self._say(f"{report.number} {kind}: {self._store.folder_of(report)}")
        return report

    def _must_wait(self, one: DueReport, owners: Owners, held: HeldBooks) -> bool:
        if one.may_be_provisional or self._issuer.is_ready(owners, one.period, held):
            return False
        if one.edition == 1:
            self._say_once(_name(one), f"{_name(one)} waits: its last day is not whole yet")
        return True

    def _looks_again(self, one: DueReport) -> bool:
        """Whether to look again if a provisional report is whole now."""
        now = self._now()
        if now < self._next_look.get(_name(one), now):
            return False
        self._next_look[_name(one)] = now + LOOKS_AGAIN
        return True

    def _say_once(self, name: str, line: str) -> None:
        if name not in self._waits:
            self._waits.add(name)
            self._say(line)


def _name(one: DueReport) -> str:
    return f"{one.owner}/{one.period.kind}/{one.period.name}"


def run_for_ever(
    schedule: ReportSchedule, after: Callable[[], None], pause: Callable[[], None], say: Say
) -> None:
    """Issue what is due and do what follows, again and again; a fault is said once while it lasts.

    `after` follows each time, such as the sending; `pause` waits for the next time.
    """
    fault = ""
    while True:
        try:
            schedule.run()
            fault = ""
        except StackError as error:
            if str(error) != fault:
                fault = str(error)
                say(f"{fault}; it is tried again every minute")
        after()
        pause()
