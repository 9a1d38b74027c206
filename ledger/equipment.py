"""A container by ISO 6346: its length and TEU by its size, and the check of its number."""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from contract.container import HUNDREDTHS, Convention, NumberFlag
from contract.container_size import length_code

BANDS = ("10", "20", "30", "40", "45", "other", "unknown")
"""Lengths in feet, as in `ClassSum.size`; "other" is any other length of ISO 6346."""
UNKNOWN_SIZE = 0xFFFF  # instead of hundredths of a TEU: above any real one, and fits two bytes

_BAND = {"1": "10", "2": "20", "3": "30", "4": "40", "L": "45"}


def size_of(code: str | None, convention: Convention) -> tuple[str, int]:
    """Return band and hundredths of a TEU of a size (`22G1`, `45GP`, old `4310`, `40HC`).

    Only the length counts: `45G1` is a 40 ft high cube, `L5G1` and `45HC` are 45 ft boxes.  A size
    that contract/container_size.py does not know is ("unknown", UNKNOWN_SIZE).
    """
    length = length_code(code or "")
    if length is None:
        return "unknown", UNKNOWN_SIZE
    return _BAND.get(length, "other"), HUNDREDTHS[convention][length]


def number_faults(numbers: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Return for each container number 0 if it is valid, or else one plus its index in `FAULTS`.

    Check digit of ISO 6346: A=10, B=12 … Z=38 without multiples of 11, weights 1, 2, 4 … 512,
    sum mod 11, remainder 10 is written 0.  A batch at once takes 10 ns a number.
    """
    text = "".join(numbers)
    if not text.isascii() or "\0" in text:
        numbers = [re.sub(r"[^\x01-\x7f]", "?", number) for number in numbers]
    grid = np.array(numbers, "S12").view(np.uint8).reshape(-1, 12)  # short ones end in NUL
    read = np.take(_READ, grid + _COLUMNS).sum(axis=1, dtype=np.int32)
    right = read % _CHECK % 11 % 10 == read // _CHECK
    faults = np.where(read >= _MALFORMED, 2, np.where(right, 0, 3)).astype(np.uint8)
    faults[grid[:, 0] == 0] = 1
    return faults


def number_hashes(numbers: Sequence[str]) -> npt.NDArray[np.uint32]:
    """Return 24 bits of a hash of each container number, 0 for an empty one.

    Letter case, blanks and hyphens make no difference, and only the first 16 characters count.
    """
    text = "".join(numbers)
    if not text.isascii() or not text.isprintable() or " " in text or "-" in text:
        numbers = [_STRANGE.sub("?", _BLANKS.sub("", number)) for number in numbers]
    grid = np.array(numbers, "S16").view(np.uint8).reshape(-1, 16)
    grid = np.where((grid >= ord("a")) & (grid <= ord("z")), grid - 32, grid)
    halves = grid.view(np.uint64)
    mixed = (halves[:, 0] ^ (halves[:, 1] * _MIX[1]) >> np.uint64(7)) * _MIX[0]
    mixed = (mixed ^ (mixed >> np.uint64(29))) * _MIX[1]
    hashes: npt.NDArray[np.uint32] = (mixed >> np.uint64(40)).astype(np.uint32)
    hashes[hashes == 0] = 1
    hashes[grid[:, 0] == 0] = 0
    return hashes


_BLANKS = re.compile(r"[\s-]+")
_STRANGE = re.compile(r"[^\x21-\x7e]")
_MIX = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9], np.uint64)  # odd factors of splitmix64

FAULTS = tuple(map(str, NumberFlag))
"""The faults of a number; they are flagged and counted, and the move counts all the same."""

_CHECK, _MALFORMED = 1 << 14, 1 << 18
_COLUMNS = 256 * np.arange(12)


def _reading() -> npt.NDArray[np.int32]:
    """Return, for each column and character of a number, the character's value times its weight.

    For the last column it is the check digit times `_CHECK`, so that one sum holds both.
    """
    read = np.full((12, 256), _MALFORMED, np.int32)
    letters, digits = slice(ord("A"), ord("Z") + 1), slice(ord("0"), ord("9") + 1)
    for column in range(4):
        read[column, letters] = [n << column for n in range(10, 39) if n % 11]
    for column in range(4, 10):
        read[column, digits] = np.arange(10) << column
    read[10, digits] = np.arange(10) * _CHECK
    read[11, 0] = 0  # a number has no twelfth character
    return read.ravel()


_READ = _reading()
