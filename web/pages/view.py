"""How a page is asked for: its language, its port area, and for the wall its turn."""

from collections.abc import Mapping
from typing import get_args
from urllib.parse import urlencode

from msgspec import Struct

from contract.errors import Misconfigured
from reports.tree import Lang

LANGUAGES_OF_PAGES = get_args(Lang)
WALL_PAGES = ("port", "terminals", "targets", "projects")
LEAST_SECONDS, MOST_SECONDS = 5, 3600
LONGEST_NUMBER = 6  # digits; int() of a longer text costs time and means nothing


class PageView(Struct, frozen=True):
    """What the query of an address asks for; equal views show the same page."""

    lang: Lang = "zh"
    area: str = ""
    """The code of a port area or of the zone; empty for the first."""
    dark: bool = False
    """Dark on any screen, not only where the reader's system is dark."""
    turn: int = 1
    """The page of the wall, from 1."""
    seconds: int = 20
    """How long the wall shows a page."""
    pages: tuple[str, ...] = WALL_PAGES

    @classmethod
    def of(cls, query: Mapping[str, str], accepted: str) -> "PageView":
        """Return the view of a query; `accepted` is the header Accept-Language.

        Parameters that no page knows are ignored, as links from elsewhere may carry some.

        Raises:
            Misconfigured: a value that is not known.
        """
        pages = tuple(query.get("pages", ",".join(WALL_PAGES)).split(","))
        if unknown := [page for page in pages if page not in WALL_PAGES]:
            raise Misconfigured(
                f"pages={_short(unknown[0])}: expected some of {', '.join(WALL_PAGES)}"
            )
        return cls(
            lang=_language(query, accepted),
            area=query.get("area", ""),
            dark=query.get("dark", "") not in ("", "0"),
            turn=_number(query, "turn", 1, 999, 1),
            seconds=_number(query, "seconds", LEAST_SECONDS, MOST_SECONDS, 20),
            pages=tuple(dict.fromkeys(pages)),
        )

    def link(self, path: str, **changed: object) -> str:
        """Return the address of a page for the same view, but for what is changed."""
        asked: dict[str, object] = {"lang": self.lang}
        if self.area:
            asked["area"] = self.area
        if self.dark:
            asked["dark"] = 1
        return f"{path}?{urlencode({**asked, **changed})}"


def _language(query: Mapping[str, str], accepted: str) -> Lang:
    asked = query.get("lang")
    if asked is None:
        first = accepted.strip().lower()[:2]
        return "en" if first == "en" else "zh"
    if asked not in LANGUAGES_OF_PAGES:
        raise Misconfigured(f"lang={_short(asked)}: expected zh or en")
    return "en" if asked == "en" else "zh"


def _number(query: Mapping[str, str], name: str, least: int, most: int, default: int) -> int:
    said = query.get(name)
    if said is None:
        return default
    if not (said.isascii() and said.isdigit() and len(said) <= LONGEST_NUMBER):
        raise Misconfigured(f"{name}={_short(said)}: expected a number from {least} to {most}")
    if not least <= int(said) <= most:
        raise Misconfigured(f"{name}={said}: expected a number from {least} to {most}")
    return int(said)


def _short(said: str) -> str:
    return said if len(said) <= 20 else said[:19] + "…"
