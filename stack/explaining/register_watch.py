"""The watch over the register: each look brings it up to date, and shows how it is."""

import time
from pathlib import Path

from contract.book import Book
from contract.errors import StackError
from register import catalog as catalogs
from register.files import size_bytes
from stack.context import CommandContext
from stack.explaining.following import bring_on, waiting_records
from stack.explaining.partner_metrics import PartnerLook
from stack.explaining.register_metrics import RegisterMetrics

LOOK_SECONDS = 20.0


class RegisterWatch:
    """Keeps the register of a command's folder, and shows its metrics and those of partners."""

    def __init__(self, context: CommandContext, book: Book) -> None:
        self.metrics = RegisterMetrics()
        self._context, self._book = context, book
        self._folder = Path(context.settings.register_folder)
        self._partners = PartnerLook(context, book, self.metrics.partners)
        self._fault = ""
        self.metrics.last_update = self._last_written()

    def look(self) -> None:
        """Bring the register up to date; a fault is said once while it lasts."""
        began = self._context.now()  # what Kafka gets later, a look of minutes leaves to the next
        try:
            bring_on(self._context, self._book, self._waits)
            self._show_size()
            self.metrics.lag_records = 0
            self.metrics.last_update = began.timestamp()
            self._fault = ""
        except StackError as error:
            self.metrics.failures += 1
            self.metrics.lag_records = self._still_waiting()
            if str(error) != self._fault:
                self._fault = str(error)
                self._context.say(f"{error}; it is tried again every {LOOK_SECONDS:.0f} s")
        self._partners.look()

    def pause(self) -> None:
        """Wait until the next look is due; a signal meanwhile is followed by a last look.

        While all is stopped quaymark.toml may be changed, and by the present one the worker has
        judged whatever came since the last look.
        """
        try:
            time.sleep(LOOK_SECONDS)
        except KeyboardInterrupt:
            self.look()
            raise

    def _waits(self, read: int, total: int) -> None:
        self.metrics.lag_records = total - read
        self._show_size()

    def _show_size(self) -> None:
        catalog = catalogs.read(self._folder)
        self.metrics.records = catalog.rows
        self.metrics.size_bytes = size_bytes(self._folder, catalog)

    def _still_waiting(self) -> int | None:
        """Return how many records wait while the register can't be brought up to date."""
        try:
            return waiting_records(self._context.settings, catalogs.read(self._folder))
        except StackError:
            return None  # Kafka is away, or the register damaged: the fault says so

    def _last_written(self) -> float:
        """Return when the register was last written; of one that is not there yet, it is now."""
        try:
            return (self._folder / catalogs.NAME).stat().st_mtime
        except OSError:
            return self._context.now().timestamp()
