"""Answers and flags as values of the book: codes, names in two languages, places, time zones."""

import re
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contract.errors import Misconfigured
from contract.events import Label

_PLACE = re.compile(r"[A-Z]{2}[A-Z2-9]{3}")
_CODE_CHARS = 64


def place(answer: str) -> str:
    """Return a code of UN/LOCODE.

    Raises:
        Misconfigured: it is none.
    """
    code = answer.replace(" ", "").upper()
    if not _PLACE.fullmatch(code):
        raise Misconfigured(f"{answer!r} is no UN/LOCODE, expected one such as CNNTG")
    return code


def time_zone(answer: str) -> str:
    """Return the name of a time zone.

    Raises:
        Misconfigured: there is none of that name.
    """
    try:
        ZoneInfo(answer)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Misconfigured(
            f"{answer!r} is no time zone, expected an IANA zone such as Asia/Shanghai"
        ) from None
    return answer


def code(answer: str) -> str:
    """Return a code of the book.

    Raises:
        Misconfigured: it is empty, too long, or holds what no key may hold.
    """
    found = answer.strip()
    if not 0 < len(found) <= _CODE_CHARS or "|" in found or not found.isprintable():
        raise Misconfigured(
            f"{answer!r} is no code, expected 1 to {_CODE_CHARS} characters without | and breaks"
        )
    return found


def number(answer: str) -> str:
    """Return a whole number above 0 as digits; 1,100,000 and 1_100_000 are read, too.

    Raises:
        Misconfigured: it is none.
    """
    digits = answer.replace(",", "").replace("_", "").strip()
    if not (digits.isascii() and digits.isdigit() and 0 < int(digits) < 10**12):
        raise Misconfigured(f"{answer!r} is no number of TEU, expected one such as 1100000")
    return digits


def label(text: str, otherwise: str) -> Label:
    """Return `English|中文` as a name in both languages; one that is missing is as the other."""
    en, _, zh = (part.strip() for part in text.partition("|"))
    return Label(zh=zh or en or otherwise, en=en or zh or otherwise)


def coded(flag: str, given: str) -> tuple[str, Label]:
    """Return `CODE=English|中文` as code and name; without a name the code is the name.

    Raises:
        Misconfigured: there is no code; `flag` is named.
    """
    word, _, name = given.partition("=")
    try:
        found = code(word)
    except Misconfigured as error:
        raise Misconfigured(f"{flag} {given!r}: {error}") from None
    return found, label(name, found)


def zones_of(un_location_code: str) -> tuple[str, ...]:
    """Return the time zones of the country of a place, the most populous first; () if unknown."""
    return _zones_by_country().get(un_location_code[:2], ())


def proposed_zone(un_location_code: str) -> str:
    """Return the time zone of a place if its country leaves no choice, else "".

    All of China keeps the time of Beijing by law; its second zone is in use beside it.
    """
    zones = zones_of(un_location_code)
    return zones[0] if len(zones) == 1 or un_location_code[:2] == "CN" else ""


@lru_cache(1)
def _zones_by_country() -> dict[str, tuple[str, ...]]:
    """Country -> its time zones, as the zone database lists them."""
    found: dict[str, tuple[str, ...]] = {}
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        if line and not line.startswith("#"):
            country, _, name = line.split("\t")[:3]
            found[country] = (*found.get(country, ()), name)
    return found
