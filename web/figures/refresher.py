"""The refresher: it keeps the newest figures, so that no request waits for Kafka or a model."""

import threading
import time
from collections.abc import Callable
from datetime import datetime

import structlog

from broker.connection import Connection
from contract.book import Book
from contract.errors import Misconfigured, StackError
from contract.settings import Settings
from kpis.model.calendar import day_of
from reports.period import Period, ReportKind
from reports.values import AlertSpan
from stack.backfill.prometheus_api import Prometheus
from stack.reporting.fired_alerts import fired_alerts
from web.figures.books_follower import BooksFollower
from web.figures.site_figures import SiteFigures
from web.figures.site_gatherer import SiteGatherer

REFRESH_SECONDS = 20.0  # a pass over two years takes half a second of one core
FIRST_SECONDS = 2.0  # before there are figures, and while a forecast is being made
STOP_SECONDS = 5.0
ALERTS_SECONDS = 30.0

log = structlog.get_logger(__name__)


class Refresher:
    """Gathers figures in a thread of its own, and alerts in another, since Prometheus may hang."""

    def __init__(self, settings: Settings, book: Book, now: Callable[[], datetime]) -> None:
        self._settings, self._book, self._now = settings, book, now
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._alerts: tuple[AlertSpan, ...] | None = None
        self.figures: SiteFigures | None = None
        """The newest figures; None before the first ones."""
        self.failure = ""
        """Why the last pass failed; empty if it did not."""
        self.fault: BaseException | None = None
        """The error that ended a thread, which none should."""
        self.prepare: Callable[[SiteFigures], None] = _shown
        """Called with new figures before they count."""
        self.ended: Callable[[], None] = _ignored
        """Called from the thread that such an error ended."""

    def start(self) -> None:
        """Start both threads."""
        for work in (self._watch_alerts, self._gather):
            thread = threading.Thread(target=self._guarded, args=(work,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Let both threads end after what they are doing, and wait some seconds for it."""
        self._over.set()
        for thread in self._threads:
            thread.join(STOP_SECONDS)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            self.fault = error
            self.ended()

    def _gather(self) -> None:
        books = BooksFollower(Connection.of(self._settings), self._book)
        gatherer = SiteGatherer(self._settings, self._book, books, self._now)
        while not self._over.is_set():
            begun, failed = time.monotonic(), ""
            try:
                found = gatherer.gathered(self._alerts)
                self.prepare(found)
                self.figures = found
            except (StackError, Misconfigured) as error:  # a login may be refused for a while
                failed = str(error)
            if failed and failed != self.failure:
                log.warning("figures.not_gathered", error=failed)
            self.failure = failed
            took = time.monotonic() - begun
            pause = REFRESH_SECONDS - took if self._is_settled() else FIRST_SECONDS
            self._over.wait(max(FIRST_SECONDS, pause))
        gatherer.close()

    def _is_settled(self) -> bool:
        """Whether nothing is awaited but what changes anyway."""
        found = self.figures
        return found is not None and not any(one.is_forecasting for one in found.owners)

    def _watch_alerts(self) -> None:
        server = Prometheus(self._settings.prometheus)
        while not self._over.is_set():
            today = Period.of(ReportKind.DAILY, day_of(self._now(), self._book.tz))
            self._alerts = fired_alerts(server, self._book, today)
            self._over.wait(ALERTS_SECONDS)


def _ignored() -> None:
    """Tell nobody that a thread ended."""


def _shown(_: SiteFigures) -> None:
    """Prepare nothing."""
