"""Length of a container by its size: an ISO 6346 size-type code, or a listed spelling.

Every other text is an unknown size.  Only the length decides the TEU, so a spelling is not
translated into a code.  `45G1` is 40 ft long, since its 5 is a height of 9 ft 6 in; `45HC` and
`45'GP` are 45 ft.
"""

import re
from functools import lru_cache
from typing import Final

ISO_LENGTHS: Final = "1234ABCDEFGHKLMNP"
"""First characters of a size-type code.  Source: ISO 6346, table D.1."""
ISO_HEIGHTS: Final = "0245689CDEFLMNP"
"""Second characters: height, and from C on a greater width.  Source: ISO 6346, table D.2."""
ISO_GROUPS: Final = (
    *("GP", "VH", "BU", "BK", "SN", "RE", "RT", "RS", "HR", "HI", "UT", "PL", "PF", "PC", "PS"),
    *("TN", "TD", "TG", "KL", "AS", "NN", "NP"),
)
"""Type group codes, in place of a type letter and a digit.  Source: ISO 6346, table E.1."""

FEET: Final = {
    **{"10": "1", "20": "2", "22": "2", "25": "2", "30": "3", "40": "4", "42": "4"},
    **{"41": "G", "43": "H", "45": "L", "48": "M", "49": "N", "53": "P"},
}
"""Number in a spelling -> ISO 6346 length; 22, 25 and 42 are ISO's sizes of 20 and 40 ft."""
UNCLEAR: Final = frozenset(("41", "43", "45", "48", "49"))
"""Numbers that are feet in the trade, and in ISO 6346 a 40 ft size of another height.

They need a mark of feet, or a type that never follows a size of ISO 6346.
"""
MARKS: Final = ("'", "’", "′", "´", "`", "FT", "FEET", "FOOT", "英尺", "尺", "呎")
"""Marks of feet."""
TALL: Final = (*("HC", "HQ", "HICUBE", "HIGHCUBE", "HIGH CUBE", "PW", "高柜", "高箱", "高"),)
"""Types that only follow feet: in a size of ISO 6346 the height says high cube already."""
TYPES: Final = (
    *TALL,
    *("GP", "DC", "DV", "DRY", "ST", "SD", "STD", "STANDARD", "NOR", "BOX"),
    *(
        "RF",
        "RE",
        "RH",
        "RQ",
        "HR",
        "REEFER",
        "OT",
        "OPENTOP",
        "OPEN TOP",
        "HT",
        "HARDTOP",
        "VH",
        "GOH",
    ),
    *(
        "FR",
        "FL",
        "FQ",
        "FLAT",
        "FLATRACK",
        "FLAT RACK",
        "PL",
        "PF",
        "PLATFORM",
        "TK",
        "TANK",
        "BK",
        "BULK",
    ),
    *("普柜", "普箱", "普", "平柜", "平箱", "干柜", "干箱", "干货", "小柜", "大柜", "柜", "箱"),
    *("冷柜", "冷箱", "冷藏", "冷藏箱", "冷", "开顶", "开顶柜", "开顶箱", "框架", "框架柜"),
    *("框架箱", "平板", "平板柜", "平板箱", "罐", "罐箱", "罐柜", "挂衣", "挂衣箱", "散货箱"),
)
"""Words for a type in a spelling, of which up to two follow each other (40 RF HC)."""
FORMER: Final = {"L": "L"}
"""The size that imports wrote for 45 ft before; topics and archives hold it."""


def _either(words: tuple[str, ...] | str) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


LONGEST: Final = 24  # characters; a longer text is no size

_GAP = r"[\s_/.-]*"
_CODE = re.compile(
    # length and height, then the type; or the four digits that were in use until 1995
    rf"[{ISO_LENGTHS}][{ISO_HEIGHTS}]{_GAP}(?:[ABGHKNPRSTUV][0-9]|{_either(ISO_GROUPS)})"
    r"|[1-4][0-9]{3}"
)
_FEET = rf"(?P<number>[0-9]{{2}}){_GAP}(?P<mark>{_either(MARKS)})?"
_KIND = rf"(?P<first>{_either(TYPES)}){_GAP}(?P<second>{_either(TYPES)})?"
_SPELLINGS = (
    re.compile(rf"{_FEET}{_GAP}(?:{_KIND})?"),
    re.compile(rf"{_KIND}{_GAP}{_FEET}"),
)


_FULL_WIDTH: Final = {0xFF01 + number: 0x21 + number for number in range(94)} | {0x3000: 0x20}


@lru_cache(maxsize=4096)
def size_word(text: str) -> str:
    """Return a sender's word for a size in capitals and without full-width forms."""
    return text.translate(_FULL_WIDTH).strip().upper()


def length_code(size: str) -> str | None:
    """Return the first character of the ISO 6346 code of a size; None if the size is unknown.

    Letter case makes no difference, nor do blanks and hyphens between length, mark and type.
    """
    return _length_code(size) if len(size) <= LONGEST else None


@lru_cache(maxsize=4096)  # a port has a few dozen sizes
def _length_code(size: str) -> str | None:
    word = size.strip().upper()
    if _CODE.fullmatch(word):
        return word[0]
    for spelling in _SPELLINGS:
        if found := spelling.fullmatch(word):
            number, mark, *kinds = found.group("number", "mark", "first", "second")
            if number in UNCLEAR and mark is None and not any(kind in TALL for kind in kinds):
                return None
            return FEET.get(number)
    return FORMER.get(word)
