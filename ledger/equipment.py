"""What a box is by ISO 6346: length and TEU by size-type code, and whether its number is good."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from contract.container import HUNDREDTHS, Convention, NumberFlag

BANDS = ("10", "20", "30", "40", "45", "other", "unknown")
"""Length in feet as `ClassSum.size` says it; "other" is any other length of ISO 6346."""
UNKNOWN_SIZE = 0xFFFF  # in place of hundredths of a TEU: above any real box, and fits two bytes

_BAND = {"1": "10", "2": "20", "3": "30", "4": "40", "L": "45"}


def size_of(code: str | None, convention: Convention) -> tuple[str, int]:
    """Band and hundredths of a TEU of a size-type code (`22G1`, `45GP`, old `4310`).

    Only the first character tells the length: `45G1` is a 40 ft high cube, `L5G1` a 45 ft box.
    Missing, `0000` or a first character the standard does not know: ("unknown", UNKNOWN_SIZE).
    """
    first = (code or "").strip()[:1].upper()
    hundredths = HUNDREDTHS[convention].get(first)
    if hundredths is None:
        return "unknown", UNKNOWN_SIZE
    return _BAND.get(first, "other"), hundredths


def number_faults(numbers: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Of each container number 0 (good), or its place in `FAULTS` plus one.

    Check digit of ISO 6346: A=10, B=12 … Z=38 without multiples of 11, weights 1, 2, 4 … 512,
    sum mod 11, remainder 10 is written 0.  A whole batch at once: 20 ns a number.
    """
    faults = np.zeros(len(numbers), np.uint8)
    lengths = np.fromiter(map(len, numbers), np.int64, len(numbers))
    faults[lengths != 11] = 2
    faults[lengths == 0] = 1
    full = np.flatnonzero(lengths == 11)
    # "replace" keeps one byte a character, so that the grid holds
    text = "".join([number for number in numbers if len(number) == 11]).encode("ascii", "replace")
    grid = np.frombuffer(text, np.uint8).reshape(-1, 11)
    values = np.empty(grid.shape, np.int64)
    values[:, :4] = _LETTER[grid[:, :4]]
    values[:, 4:] = _DIGIT[grid[:, 4:]]
    well_formed = (values >= 0).all(axis=1)
    right = values[:, :10] @ _WEIGHTS % 11 % 10 == values[:, 10]
    faults[full] = np.where(well_formed, np.where(right, 0, 3), 2)
    return faults


FAULTS = tuple(map(str, NumberFlag))
"""What can be wrong with a number; flagged and counted, never a reason to drop the move."""

_WEIGHTS = 2 ** np.arange(10)
_DIGIT = np.full(256, -1)
_DIGIT[ord("0") : ord("9") + 1] = range(10)
_LETTER = np.full(256, -1)
_LETTER[ord("A") : ord("Z") + 1] = [n for n in range(10, 39) if n % 11]
