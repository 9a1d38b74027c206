"""When reports are issued, of which kinds and in which languages: [report] of quaymark.toml."""

from datetime import time
from typing import Annotated, Literal

from msgspec import Meta, Struct


class ReportPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """The contents of [report]; all times are in the port's zone."""

    issue_at: time = time(8)
    """The time of day at which the report of a period that is over is issued."""
    patience_minutes: Annotated[int, Meta(ge=0, le=1440)] = 120
    """Minutes for which a report waits until the last day is whole, before it is provisional."""
    kinds: tuple[Literal["daily", "weekly", "monthly"], ...] = ("daily", "weekly", "monthly")
    """The kinds that are issued by themselves; () for none."""
    languages: Annotated[tuple[Literal["zh", "en"], ...], Meta(min_length=1)] = ("zh", "en")
    owners: tuple[Annotated[tuple[str, ...], Meta(min_length=1)], ...] = ()
    """Of whom there is a report: each a port area, the zone, or both; () as the book has them."""

    def __post_init__(self) -> None:
        if self.issue_at.tzinfo is not None:
            raise ValueError("issue_at has an offset, expected a time in the port's zone")
