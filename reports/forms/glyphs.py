"""The characters that the fonts of the reports have, and those of a report that they lack."""

import unicodedata
from collections.abc import Iterable
from functools import cache

import msgspec

from reports.forms.typst_input import PAGE, typst_files
from reports.tree import ReportTree

RARE = (
    "喆彧堃犇昇珺玥婳妤煊琀祎赟翀旸晞晟烨瑀璟锳骉骎彣奡寀暐玚玙玟珏珣琎琤瑄璠甯祯芃荍葳蔃鋆铖"
    "镕镔雱韡顼頔飏飗鹓淏湉滢潆濛浥沄洺浠晗晔暄曈昕旻昉"
)
"""Characters of people's names beyond GB 2312."""
SIGNS = "–—−‘’“”†‡•…‰€≤≥≠≈←→↑↓·½¥™©®①②③⑴■□▲△▼▽"


@cache
def drawable() -> frozenset[str]:
    """Return what the fonts hold: GB 2312, Latin with its accents, and signs of ours."""
    of_gb = (
        bytes((high, low)).decode("gb2312", errors="ignore")
        for high in range(0xA1, 0xF8)
        for low in range(0xA1, 0xFF)
    )
    latin = (chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x180)))
    return frozenset("".join((*of_gb, *latin, SIGNS, RARE)))


def lacking(text: str) -> tuple[str, ...]:
    """Return the characters of a text that the fonts lack, each once, in order."""
    return tuple(one for one in dict.fromkeys(text) if one not in drawable() and one.isprintable())


def boxes(characters: Iterable[str]) -> str:
    """Return the line that tells which characters are drawn as a box."""
    return f"drawn as a box, since the fonts lack it: {', '.join(map(named, characters))}"


def missing(report: ReportTree) -> tuple[str, ...]:
    """Return the characters of a report's pages that are drawn as a box, in order."""
    tree = msgspec.json.decode(typst_files(report)[PAGE])
    return lacking("".join(_texts(tree)))


def named(character: str) -> str:
    """Return a character with its number and name, so that a person finds it."""
    name = unicodedata.name(character, "without a name")
    return f"{character} (U+{ord(character):04X}, {name})"


def _texts(tree: object) -> Iterable[str]:
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        for one in tree.values():
            yield from _texts(one)
    elif isinstance(tree, list):
        for one in tree:
            yield from _texts(one)
