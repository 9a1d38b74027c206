"""The wall: pages that fill a screen and follow one another without anybody's hand."""

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from reports.forms.html import bands, heads, sentence
from reports.forms.markup import Markup, element, joined
from reports.language.language import LANGUAGES
from reports.pages import charts, notes, port_tables, zone_tables
from reports.pages.port_figures import PortFigures
from reports.pages.target_table import targets
from reports.pages.zone_figures import ZoneFigures
from reports.tree import Band, Block, Lang, ReportTree, Table
from web.figures.site_figures import OwnerFigures, SiteFigures
from web.pages.day_so_far import day_so_far, terminals_today
from web.pages.doubts import doubts
from web.pages.overview import report_of
from web.pages.page_frame import (
    OVERVIEW,
    WALL,
    Refresh,
    band_of_doubts,
    day_and_clock,
    freshness,
    wall_page,
)
from web.pages.view import PageView
from web.pages.wording import WEB_WORDS

ROWS = 12
"""Rows of a table that a screen shows; what is longer is parted into several pages."""
FEW = 6
"""Rows of terminals, their sum included, below which other tables find room."""


class WallPage:
    """One page of the wall: its title and what it shows."""

    def __init__(self, title: str, body: list[Markup], *, is_wide: bool = False) -> None:
        self.title, self.body, self.is_wide = title, body, is_wide


def wall(
    site: SiteFigures, owner: OwnerFigures, view: PageView, failure: str, now: datetime
) -> str:
    """Return the page of the wall whose turn it is; after the last one the first comes again."""
    words, language = WEB_WORDS[view.lang], LANGUAGES[view.lang]
    shown = list(_shown(site, owner, view))
    if not shown:
        text = element("p", {"class": "plain"}, words.nothing_yet)
        shown = [WallPage(language.name(owner.name), [text])]
    turn = (view.turn - 1) % len(shown)
    following = (turn + 1) % len(shown)
    here, after = shown[turn], shown[following]
    found = doubts(site, owner, failure, now, view.lang)
    stamp = [freshness(site, view.lang), f"{turn + 1} / {len(shown)}"]
    if len(shown) > 1:
        stamp.append(language.plain(words.next_page, title=after.title))
    head = element(
        "header",
        None,
        element("h1", None, language.name(owner.name)),
        element("p", {"class": "date"}, day_and_clock(site.at, view.lang)),
        element(
            "p",
            {"class": "stamp"},
            element("a", {"href": view.link(OVERVIEW)}, " · ".join(stamp)),
        ),
    )
    chosen = {"turn": following + 1, "seconds": view.seconds, "pages": ",".join(view.pages)}
    refresh = Refresh(view.seconds, view.link(WALL, **chosen))
    body = [band_of_doubts(found), *here.body]
    looks = {"class": "wide" if here.is_wide else ""}
    content = [element("main", looks, joined(body))]
    return wall_page(language.name(owner.name), head, content, view, refresh)


def _shown(site: SiteFigures, owner: OwnerFigures, view: PageView) -> Iterator[WallPage]:
    """The pages that are asked for and have something to show, in their order."""
    report = report_of(owner, site, view)
    if owner.values is None or report is None:
        return
    port = PortFigures(owner.values.port, owner.values.period) if owner.values.port else None
    zone = ZoneFigures(owner.values.zone, owner.values.period) if owner.values.zone else None
    for name in view.pages:
        match name:
            case "port" if port:
                yield _port(owner, report, port, view)
            case "terminals" if port:
                yield from _terminals(owner, port, view)
            case "targets":
                yield from _targets(owner, view)
            case "projects" if zone:
                yield _projects(site, zone, view)
            case _:
                pass


def _port(owner: OwnerFigures, report: ReportTree, port: PortFigures, view: PageView) -> WallPage:
    language = LANGUAGES[view.lang]
    drawn = Band(
        (
            (1.42, (charts.year_against_plan(port, language),)),
            (1.0, (charts.days_as_bars(port, language),)),
        )
    )
    live = [day_so_far(owner.live, owner.code, view.lang)] if owner.live else []
    body = [
        *live,
        sentence(report.lead, view.lang),
        heads(report.heads, view.lang),
        element("div", {"class": "charts"}, bands((drawn,), view.lang)),
    ]
    return WallPage(LANGUAGES[view.lang].words.throughput, body)


def _terminals(owner: OwnerFigures, port: PortFigures, view: PageView) -> Iterator[WallPage]:
    """One page with the classes of moves, if there are few terminals, and else several."""
    language = LANGUAGES[view.lang]
    title, lang = language.words.by_terminal, view.lang
    tables = [port_tables.terminals(port, language)]
    if owner.live:
        tables.append(terminals_today(owner.live, port.port, lang))
    classes = port_tables.classes(port, language)
    if len(tables[0].rows) <= FEW:
        beside: tuple[tuple[float, tuple[Block, ...]], ...] = ((1.2, (classes,)),)
        beside = (*(((1.0, (table,))) for table in tables[1:]), *beside)
        yield WallPage(title, [bands((_full(tables[0]), Band(beside)), lang)])
        return
    for table in (*tables, classes):
        yield from _parts(table, table.title, lang)


def _targets(owner: OwnerFigures, view: PageView) -> Iterator[WallPage]:
    language = LANGUAGES[view.lang]
    assert owner.values is not None
    table = targets(owner.values, language)
    if not isinstance(table, Table):
        yield WallPage(language.words.targets, [bands((_full(table),), view.lang)])
        return
    yield from _parts(table, language.words.targets, view.lang)


def _parts(table: Table, title: str, lang: Lang) -> Iterator[WallPage]:
    """A table on as many pages as it needs."""
    for first in range(0, len(table.rows), ROWS):
        part = replace(table, rows=table.rows[first : first + ROWS])
        yield WallPage(title, [bands((_full(part),), lang)], is_wide=True)


def _projects(site: SiteFigures, zone: ZoneFigures, view: PageView) -> WallPage:
    language = LANGUAGES[view.lang]
    tables = Band(
        (
            (1.4, (zone_tables.stages(zone, language),)),
            (1.0, (zone_tables.clusters(zone, site.clusters, language),)),
        )
    )
    said = Band(((1.0, (notes.project_milestones(zone, language),)),))
    body = [bands((tables, said), view.lang)]
    return WallPage(language.words.milestones, body)


def _full(block: Block) -> Band:
    return Band(((1.0, (block,)),))
