"""Numbers, days and words in cells: what can be read in two ways is refused, never guessed."""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from contract.errors import Reason, Rejected
from producers.reading.outcome import excerpt
from producers.reading.values import iso_time

MAX_DIGITS = 24  # Decimal computes with 28; no figure has as many
_PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,2})?")
_COMMA_GROUPS = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")
_POINT_GROUPS = re.compile(r"[+-]?[1-9][0-9]{0,2}(\.[0-9]{3})+(,[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_BLANK_GROUPS = re.compile(r"^([+-]?[1-9][0-9]{0,2})((?: [0-9]{3})+)(?![0-9 ])")
_DAY_AND_CLOCK = re.compile(r"([^T ]+)(?:[T ].*?[0-9]{1,2}:[0-9]{2}.*)?")
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_YEAR_LAST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_DIGITS = frozenset("0123456789")


def number(text: str, where: str, delimiter: str = ",") -> Decimal:
    """Return an exact number: 1234.5, 1,234.5 or 1 234.5.

    Where cells are not separated by commas, a comma may be the decimal mark and a point may
    separate thousands (1.234,5).  826.667 and 3,252 can then be read in two ways.

    Raises:
        Rejected: the text is no number, or can be read in two ways.
    """
    plain = _BLANK_GROUPS.sub(lambda found: found[1] + found[2].replace(" ", ""), text)
    if len(plain) > MAX_DIGITS:
        raise Rejected(Reason.BAD_VALUE, f"{excerpt(text)} is too long a number", where=where)
    readings = list(dict.fromkeys(_readings(plain, delimiter)))
    if len(readings) == 1:
        return Decimal(readings[0])
    if readings:
        raise Rejected(
            Reason.BAD_VALUE,
            f"{excerpt(text)} may be {' or '.join(readings)}; "
            "write it without thousands separators and with a decimal point",
            where=where,
        )
    strange = "".join(f", {char} being U+{ord(char):04X}" for char in text if not char.isascii())
    raise Rejected(
        Reason.BAD_VALUE,
        f"{excerpt(text)} is no number; expected one like 1234.5{strange}",
        where=where,
    )


def _readings(plain: str, delimiter: str) -> list[str]:
    """Return the numbers that a text can mean, with a decimal point."""
    found = []
    local = delimiter != ","
    if _COMMA_GROUPS.fullmatch(plain):
        found.append(plain.replace(",", ""))
    if local and _POINT_GROUPS.fullmatch(plain):
        found.append(plain.replace(".", "").replace(",", "."))
    if _PLAIN.fullmatch(plain):
        found.append(plain)
    if local and _DECIMAL_COMMA.fullmatch(plain):
        found.append(plain.replace(",", "."))
    return found


def day(text: str, where: str, tz: ZoneInfo | None = None) -> date:
    """Return a day: 2020-03-01, 2020/3/1, 2020年3月1日, 20200301, or 31/3/2020 (one order fits).

    An instant with an offset is a day of the time zone `tz`.

    Raises:
        Rejected: the text is no day, or can be read in two ways.
    """
    dated = _DAY_AND_CLOCK.fullmatch(text)
    plain = dated[1] if dated else ""
    try:
        if found := _YEAR_FIRST.fullmatch(plain):
            on = date(*map(int, found.groups()))
            clock = text[len(plain) :]
            return (tz and clock and _in_zone(f"{on.isoformat()}{clock}", tz)) or on
        if plain.isascii() and plain.isdigit() and len(plain) == 8:
            return date(int(plain[:4]), int(plain[4:6]), int(plain[6:]))
        if found := _YEAR_LAST.fullmatch(plain):
            first, second, year = map(int, found.groups())
            if first <= 12 and second <= 12 and first != second:
                raise Rejected(
                    Reason.BAD_VALUE,
                    f"{excerpt(text)} may be {year}-{first:02}-{second:02} or "
                    f"{year}-{second:02}-{first:02}; write the year first",
                    where=where,
                )
            return date(year, second, first) if first > 12 else date(year, first, second)
    except ValueError:
        pass
    raise Rejected(
        Reason.BAD_VALUE, f"{excerpt(text)} is no day; expected one like 2020-03-01", where=where
    )


def folded(text: str) -> str:
    """Return text without outer blanks, with full-width forms as plain ones.

    Look-alikes of digits (¹ ② ½ ㋀) are kept as they are: none of them belongs to a number.
    """
    if not text.isascii():
        text = "".join(map(_folded_char, text))
    return text.strip()


@lru_cache(maxsize=8192)
def _folded_char(char: str) -> str:
    plain = unicodedata.normalize("NFKC", char)
    if char == "\ufeff":
        return ""
    return char if not _DIGITS.isdisjoint(plain) and not "０" <= char <= "９" else plain


def _in_zone(text: str, tz: ZoneInfo) -> date | None:
    """Return the day of an instant in a time zone; None if the text has no offset."""
    try:
        at = iso_time(text)
        return None if at.tzinfo is None else at.astimezone(tz).date()
    except (ValueError, OverflowError):
        return None
