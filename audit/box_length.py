"""Length of a container by its size, stated anew for the audit.

It says the same as contract/container_size.py in another form: a grammar of letters where the
contract has lists of words.  A mistake in either then shows as a difference.
"""

import re

_FEET = {"10": "1", "20": "2", "22": "2", "25": "2", "30": "3", "40": "4", "42": "4", "53": "P"}
_MARKED_FEET = {"41": "G", "43": "H", "45": "L", "48": "M", "49": "N"}
_ISO = re.compile(
    r"([1-4A-HKLMNP])[024-689C-FLMNP][\s_/.-]*"
    r"(?:[ABGHKNPRSTUV][0-9]|AS|B[KU]|GP|H[IR]|KL|N[NP]|P[CFLS]|R[EST]|SN|T[DGN]|UT|VH)",
)
_DIGITS = re.compile(r"([1-4])[0-9]{3}")
_MARK = r"(?:['’′´`尺呎]|FT|FEET|FOOT|英尺)"
_HIGH = r"(?:HC|HQ|HI ?CUBE|HIGH ?CUBE|PW|高[柜箱]?)"
_OTHER = (
    r"(?:GP|D[CV]|DRY|ST|SD|STD|STANDARD|NOR|BOX|R[FEHQ]|HR|REEFER|OT|OPEN ?TOP|HT|HARDTOP|VH|GOH"
    r"|F[RLQ]|FLAT|FLAT ?RACK|P[LF]|PLATFORM|TK|TANK|BK|BULK"
    r"|普[柜箱]?|平[柜箱]|干[柜箱货]|[小大]柜|[柜箱]|冷[柜箱藏]?|冷藏箱|开顶[柜箱]?|框架[柜箱]?"
    r"|平板[柜箱]?|罐[箱柜]?|挂衣箱?|散货箱)"
)
_GAP = r"[\s_/.-]*"
_WORDS = rf"(?:(?:{_HIGH}|{_OTHER}){_GAP}){{1,2}}"
_SAID = re.compile(rf"(?:{_WORDS})?([0-9]{{2}}){_GAP}({_MARK})?{_GAP}(?:{_WORDS})?")
_BEFORE_AND_AFTER = re.compile(rf"{_WORDS}[0-9]{{2}}{_GAP}{_MARK}?{_GAP}{_WORDS}")


def box_length(size: str | None) -> str | None:
    """Return the first character of the ISO 6346 code of a size; None if the size is unknown."""
    text = (size or "").upper()
    if len(text) > 24:
        return None
    text = text.strip()
    if found := _ISO.fullmatch(text) or _DIGITS.fullmatch(text):
        return found[1]
    if text == "L":  # as imports wrote 45 ft before
        return "L"
    said = _SAID.fullmatch(text)
    if said is None or _BEFORE_AND_AFTER.fullmatch(text):
        return None
    number, mark = said.groups()
    if number in _MARKED_FEET and (mark or re.search(_HIGH, text)):
        return _MARKED_FEET[number]
    return _FEET.get(number)
