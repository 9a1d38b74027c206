"""What became of a partner's records in a month, as the monthly report says it."""

from msgspec import Struct


class PartnerRecords(Struct, frozen=True):
    """The records of a partner that Kafka got in some days, by what became of them.

    Attributes:
        partner: its name, `-` for records of nobody in particular.
        received: all of its records.
        refused: reason -> records.
        repeated: those that changed nothing.
        amended: those that replaced an earlier one.
        delays: the median and the 95th percent of the seconds from a move to its record; None
            without a booked record.
        silent_days: the days on which none of its records came.
    """

    partner: str
    received: int
    refused: dict[str, int]
    repeated: int
    amended: int
    delays: tuple[float, float] | None
    silent_days: int

    @property
    def all_refused(self) -> int:
        """The records that were refused for any reason."""
        return sum(self.refused.values())

    @property
    def accepted(self) -> int:
        """The records that were booked and are no repeats."""
        return self.received - self.all_refused - self.repeated
