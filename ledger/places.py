"""The places of a ledger: terminals, in the area of the day they were booked, as one byte."""

from contract.errors import Reason, Rejected
from ledger.facts import NOWHERE
from ledger.journal import LedgerPlace


class Places:
    """The table of places of a ledger: place <-> code, at most 255 of them."""

    def __init__(self) -> None:
        self.table: tuple[LedgerPlace, ...] = ()
        self._codes: dict[LedgerPlace, int] = {}

    def code(self, place: LedgerPlace) -> int:
        """The code of a place, given now if it has none.

        Raises:
            Rejected: there are 255 already.
        """
        code = self._codes.get(place)
        if code is None:
            code = len(self.table)
            if code == NOWHERE:
                raise Rejected(
                    Reason.LIMIT_REACHED,
                    f"terminal {place.terminal!r} is the 256th of its raw partition, a ledger "
                    "holds 255; raise the partitions of the raw topic and rebuild the books",
                    where="$.data.facilityCode",
                )
            self._codes[place] = code
            self.table = (*self.table, place)
        return code
