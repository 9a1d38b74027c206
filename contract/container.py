"""Size of a container in hundredths of a TEU, and the check of its number.

Source: ISO 6346; `port.teu` in the book chooses the table of sizes.
"""

import re
from enum import StrEnum
from functools import lru_cache
from typing import Literal

from contract.container_size import length_code

Convention = Literal["china", "eurostat"]

_BY_LENGTH = {
    "1": 50,
    "2": 100,
    "A": 117,  # 7.150 m; a TEU is 6.096 m
    "B": 120,  # 7.315 m
    "C": 122,  # 7.430 m
    "D": 122,  # 7.450 m
    "E": 128,  # 7.820 m
    "F": 133,  # 8.100 m
    "3": 150,
    "4": 200,
    "G": 205,  # 41 ft
    "H": 215,  # 43 ft
    "K": 223,  # 13.600 m
    "L": 225,  # 45 ft
    "M": 240,  # 48 ft
    "N": 245,  # 49 ft
    "P": 265,  # 53 ft
}
_GROUPED = {
    **dict.fromkeys("ABCDEF", 150),
    **dict.fromkeys("GHKLMNP", 225),
    "1": 50,
    "2": 100,
    "3": 150,
    "4": 200,
}
HUNDREDTHS: dict[Convention, dict[str, int]] = {"china": _BY_LENGTH, "eurostat": _GROUPED}
"""Convention -> length by ISO 6346 (first character of its codes) -> hundredths of a TEU."""

_NUMBER = re.compile(r"[A-Z]{4}[0-9]{7}")
_DIGITS = {f"{n:03}": n // 100 + n // 10 % 10 * 2 + n % 10 * 4 for n in range(1_000)}
"""Three digits -> their sum with the weights 1, 2 and 4."""
_VALUES = dict(zip("0123456789", range(10), strict=True)) | dict(
    zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (n for n in range(10, 39) if n % 11), strict=True)
)


class NumberFlag(StrEnum):
    """A fault of a container number; the move counts all the same."""

    MISSING = "no_container_number"
    NOT_ISO = "not_an_iso_number"
    CHECK_DIGIT = "check_digit"


def teu_hundredths(size_type: str | None, convention: Convention) -> int | None:
    """Return hundredths of a TEU of a size (22G1, 45GP, 4310, 40HC …); None if it is unknown.

    Only the length counts: 45G1 is a 40 ft box, L5G1 and 45HC are 45 ft ones.
    """
    return HUNDREDTHS[convention].get(length_code(size_type or "") or "")


def number_flag(number: str | None) -> NumberFlag | None:
    """Return the fault of a container number, None if it is a valid ISO 6346 number."""
    if not number:
        return NumberFlag.MISSING
    if _NUMBER.fullmatch(number) is None:
        return NumberFlag.NOT_ISO
    return None if check_digit(number) == int(number[10]) else NumberFlag.CHECK_DIGIT


def check_digit(number: str) -> int:
    """Return the check digit of the first ten characters: weighted sum mod 11, where 10 is 0.

    Source: ISO 6346, annex A.
    """
    first, second = _DIGITS[number[4:7]], _DIGITS[number[7:10]]
    return (_owner(number[:4]) + (first << 4) + (second << 7)) % 11 % 10


@lru_cache(4096)  # a few hundred owners send their boxes again and again
def _owner(letters: str) -> int:
    """Return the weighted sum of the first four characters."""
    return sum(_VALUES[letter] << place for place, letter in enumerate(letters))
