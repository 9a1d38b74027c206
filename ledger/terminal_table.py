"""The terminals of a ledger as codes of one byte, each with the area it was booked in."""

from contract.errors import Reason, Rejected
from ledger.facts import NO_TERMINAL
from ledger.journal import BookedTerminal


class TerminalTable:
    """Terminal <-> code, for at most 255 terminals."""

    def __init__(self) -> None:
        self.table: tuple[BookedTerminal, ...] = ()
        self._codes: dict[BookedTerminal, int] = {}

    def code(self, booked: BookedTerminal) -> int:
        """Return the code of a terminal; a new terminal gets the next free code.

        Raises:
            Rejected: all 255 codes are taken.
        """
        code = self._codes.get(booked)
        if code is None:
            code = len(self.table)
            if code == NO_TERMINAL:
                raise Rejected(
                    Reason.LIMIT_REACHED,
                    f"terminal {booked.terminal!r} is the 256th of its raw partition, a ledger "
                    "holds 255; raise the partitions of the raw topic and rebuild the books",
                    where="$.data.facilityCode",
                )
            self._codes[booked] = code
            self.table = (*self.table, booked)
        return code
