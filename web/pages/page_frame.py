"""What every page has: the name of the port, the hour, the ways to other pages, and a foot."""

from datetime import datetime

from msgspec import Struct

from reports.forms.html import document, head_of, warning
from reports.forms.markup import Markup, element, joined
from reports.language.language import LANGUAGES
from reports.period import Period, ReportKind
from reports.tree import Lang
from web.figures.site_figures import SiteFigures
from web.pages.view import PageView
from web.pages.web_style import style
from web.pages.wording import WEB_WORDS

OVERVIEW, ISSUED, EXPLAINED, FOUND, WALL = "/", "/reports", "/explain", "/find", "/wall"
FOUND_CSV = "/find.csv"
PAUSE_SECONDS = 60  # until a page loads itself anew
SOON_SECONDS = 3  # the same while there are no figures yet


class Refresh(Struct, frozen=True):
    """When a page is followed by another, or by itself: no script is needed for it."""

    seconds: int
    to: str = ""

    def markup(self) -> Markup:
        """Return the element that tells the browser."""
        content = f"{self.seconds};url={self.to}" if self.to else str(self.seconds)
        return Markup(
            element("meta", {"http-equiv": "refresh", "content": content})[: -len("</meta>")]
        )


def page(
    title: str, header: Markup, body: list[Markup], view: PageView, refresh: Refresh | None
) -> str:
    """Return a whole page; None lets it stay as it is."""
    head = [*([refresh.markup()] if refresh else []), head_of(title, style(dark=view.dark))]
    return document(view.lang, head, element("body", None, header, joined(body)))


def wall_page(
    title: str, header: Markup, body: list[Markup], view: PageView, refresh: Refresh
) -> str:
    """Return a page that fills a screen, however large it is."""
    head = [refresh.markup(), head_of(title, style(dark=view.dark, wall=True))]
    return document(view.lang, head, element("body", None, header, joined(body)))


def header(
    title: str, at: datetime, view: PageView, here: str, areas: tuple[tuple[str, str], ...] = ()
) -> Markup:
    """Return the head of a page; `areas` are the codes and names of all that can be chosen."""
    words = WEB_WORDS[view.lang]
    other: Lang = "en" if view.lang == "zh" else "zh"
    ways = [
        _way(view.link(path), said, is_here=path == here)
        for path, said in (
            (OVERVIEW, words.overview),
            (ISSUED, words.issued),
            (EXPLAINED, words.explained),
            (FOUND, words.find),
            (WALL, words.wall),
        )
    ]
    if len(areas) > 1:
        ways += [
            _way(view.link(here, area=code), name, is_here=code == view.area)
            for code, name in areas
        ]
    ways.append(_way(view.link(here, lang=other), words.other_language))
    return element(
        "header",
        None,
        element("h1", None, title),
        element("p", {"class": "date"}, day_and_clock(at, view.lang)),
        element("nav", None, joined(ways)),
    )


def areas_of(site: SiteFigures, lang: Lang) -> tuple[tuple[str, str], ...]:
    """Return the codes and names of all areas that can be chosen."""
    name = LANGUAGES[lang].name
    return tuple((one.code, name(one.name)) for one in site.owners)


def day_and_clock(at: datetime, lang: Lang) -> str:
    """Return a day with its weekday, and the hour and minute."""
    day = LANGUAGES[lang].period(Period.of(ReportKind.DAILY, at.date()))
    return f"{day}{'　' if lang == 'zh' else ', '}{at:%H:%M}"


def band_of_doubts(found: tuple[str, ...]) -> Markup:
    """Return a red band with each doubt; nothing if there is none."""
    return warning("  ".join(found))


def freshness(site: SiteFigures, lang: Lang) -> str:
    """Return of when the figures are, and how many events wait."""
    words, plain = WEB_WORDS[lang], LANGUAGES[lang].plain
    parts = [plain(words.figures_of, clock=f"{site.at:%H:%M:%S}")]
    if site.waiting:
        parts.append(plain(words.waiting, count=f"{site.waiting:,}"))
    return LANGUAGES[lang].joined(parts)


def waiting_page(failure: str, view: PageView) -> str:
    """Return the page that is shown before the books were read once."""
    words = WEB_WORDS[view.lang]
    said = LANGUAGES[view.lang].plain(words.not_read, why=failure) if failure else words.reading
    text = warning(said) if failure else element("p", {"class": "plain"}, said)
    name = element("header", None, element("h1", None, "quaymark"))
    return page("quaymark", name, [text], view, Refresh(SOON_SECONDS))


def _way(address: str, said: str, *, is_here: bool = False) -> Markup:
    return element("a", {"href": address, "aria-current": "page" if is_here else ""}, said)
