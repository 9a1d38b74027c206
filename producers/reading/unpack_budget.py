"""How much may be unpacked of one file, so that a small archive can't fill memory or disk."""

from contract.errors import Reason, Rejected

MAX_BYTES = 4 << 30  # five years of a port's messages are 2 GB
MAX_RATIO = 300  # a year of moves as CSV shrinks to a twentieth, zeros to a thousandth
FREE_BYTES = 16 << 20  # unpacked before the ratio is looked at


class UnpackBudget:
    """Counts the bytes of one file, packed and unpacked, over all archives within it."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._packed = self._unpacked = 0

    def read(self, size: int) -> None:
        """Count packed bytes that were read."""
        self._packed += size

    def unpacked(self, size: int) -> None:
        """Count unpacked bytes.

        Raises:
            Rejected: they are too many, or too many for the packed ones.
        """
        self._unpacked += size
        if self._unpacked > self._max_bytes:
            raise Rejected(
                Reason.TOO_LARGE,
                f"the archive unpacks to more than {self._max_bytes} bytes; it is read up to "
                "there: send its files in several archives",
            )
        if self._unpacked > max(FREE_BYTES, self._packed * MAX_RATIO):
            raise Rejected(
                Reason.TOO_LARGE,
                f"the archive unpacks to more than {MAX_RATIO} times its size, as no data of a "
                "port does; it is read up to there",
            )
