"""Forecasts that are made beside the pages and kept for a while, since a model takes seconds."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from msgspec import Struct

from contract.errors import StackError
from kpis.forecast.basis import Basis
from kpis.plan.progress import Outlook
from reports.measuring.report_values import Forecasts

log = structlog.get_logger(__name__)


class _Made(Struct, frozen=True):
    """Forecasts, when they were asked for, and of which inputs."""

    at: datetime
    bases: list[Basis]
    outlooks: list[Outlook | None]


class SteadyForecasts:
    """The forecasts of one owner; made anew for another day, or once they are some minutes old.

    Nobody waits for them: until there are some the run-rate stands in, as it does where none can
    be made.  0 minutes turn forecasts off, as for the worker.
    """

    def __init__(self, make: Forecasts, minutes: int, now: Callable[[], datetime]) -> None:
        self._make, self._now = make, now
        self._age = timedelta(minutes=minutes)
        self._made: dict[str, _Made] = {}
        """The days that the forecasts are of -> the newest ones of them."""
        self.making: threading.Thread | None = None
        """What makes forecasts now, or made the last ones."""
        self.is_pending = False
        """Whether the run-rate stood in for a forecast that is being made."""

    def __call__(self, bases: list[Basis]) -> list[Outlook | None]:
        """Return the forecast of each input: those of nearly the same inputs, or None."""
        self.is_pending = False
        none: list[Outlook | None] = [None] * len(bases)
        if not self._age:
            return none
        key = " ".join(f"{basis.first} {basis.end} {basis.stop}" for basis in bases)
        made = self._made.get(key)
        if made is None or (made.bases != bases and self._now() - made.at >= self._age):
            self._start(key, bases)
        self.is_pending = made is None
        return none if made is None else made.outlooks

    def _start(self, key: str, bases: list[Basis]) -> None:
        if self.making is None or not self.making.is_alive():
            line = key, bases, self._now()
            self.making = threading.Thread(target=self._finish, args=line, daemon=True)
            self.making.start()

    def _finish(self, key: str, bases: list[Basis], asked: datetime) -> None:
        try:
            outlooks = self._make(bases)
        except StackError as error:
            log.warning("forecast.failed", error=str(error))
            outlooks = [None] * len(bases)
        self._made = {key: _Made(asked, bases, outlooks)}  # of older days none is asked for
