"""The figures of all owners at one moment, from which every page is made."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from contract.events import Label
from reports.values import ReportValues
from web.figures.booked_days import BookedDays
from web.figures.live_figures import LiveFigures


class OwnerFigures(Struct, frozen=True):
    """The figures of a port area with its zone, or of a zone alone."""

    code: str
    name: Label
    values: ReportValues | None
    """Those of the report of the day before; None while the books hold nothing of it."""
    live: LiveFigures | None
    """The port area at this moment; None without a port area, or without a booked day."""
    is_forecasting: bool = False
    """Whether the run-rate stands in for a forecast that is being made."""


class SiteFigures(Struct, frozen=True):
    """What one reading of the books found."""

    at: datetime
    """When the books were read, in the port's time zone."""
    owners: tuple[OwnerFigures, ...]
    clusters: Mapping[str, Label]
    """Code of a cluster of the zone -> its name."""
    is_filling: bool = False
    """Whether the books are being filled with past days."""
    booked_to: str = ""
    """The newest booked day, such as 2026-05-12; empty without any."""
    waiting: int | None = None
    """Events that the worker has not counted yet; None if no worker answers."""
    booked: tuple[BookedDays, ...] = ()
    """The newest readings of the books, some seconds apart, the newest first."""

    def owner(self, code: str) -> OwnerFigures | None:
        """Return the figures of an owner; without a code those of the first."""
        return next((one for one in self.owners if code in ("", one.code)), None)
