"""The overview: the day so far, and below it the report of yesterday with the zone's tables."""

from datetime import datetime

from msgspec.structs import replace

from reports.forms.html import bands, heads, sentence
from reports.forms.markup import Markup, element
from reports.language.language import LANGUAGES
from reports.pages.report_builder import ReportBuilder
from reports.period import DAY
from reports.tree import Band, ReportTree, Words
from web.figures.site_figures import OwnerFigures, SiteFigures
from web.pages.day_so_far import day_so_far, terminals_today
from web.pages.doubts import doubts
from web.pages.page_frame import (
    OVERVIEW,
    PAUSE_SECONDS,
    SOON_SECONDS,
    Refresh,
    band_of_doubts,
    freshness,
    header,
    page,
)
from web.pages.view import PageView
from web.pages.wording import WEB_WORDS


def overview(
    site: SiteFigures, owner: OwnerFigures, view: PageView, failure: str, now: datetime
) -> str:
    """Return the page of an owner."""
    lang, words = view.lang, WEB_WORDS[view.lang]
    language = LANGUAGES[lang]
    name = language.name(owner.name)
    report = report_of(owner, site, view)
    found = doubts(site, owner, failure, now, lang)
    if report and report.warning and not site.is_filling:
        found += (report.warning,)
    body: list[Markup] = [band_of_doubts(found)]
    if owner.live:
        body.append(day_so_far(owner.live, owner.code, lang))
    if report:
        body.append(sentence(report.lead, lang))
        body.append(heads(report.heads, lang))
        body.append(
            element("section", {"class": "page"}, bands(_bands(owner, report, site, view), lang))
        )
    if owner.live is None and report is None:
        body.append(element("p", {"class": "plain"}, words.nothing_yet))
    elif owner.live and (owner.values is None or owner.values.port is None):
        body.append(element("p", {"class": "plain"}, words.no_day_yet))
    last = language.short_day(report.period.last if report else site.at.date() - DAY)
    said = [freshness(site, lang), *((words.forecasting,) if owner.is_forecasting else ())]
    foot = language.joined(said) + words.stop + language.plain(words.read_on, day=last)
    body.append(element("footer", None, f"{foot} {report.foot if report else ''}"))
    areas = tuple((one.code, language.name(one.name)) for one in site.owners)
    known = replace(view, area=owner.code if len(areas) > 1 else view.area)
    is_soon = site.is_filling or owner.is_forecasting
    pause = SOON_SECONDS if is_soon else PAUSE_SECONDS
    head = header(name, site.at, known, OVERVIEW, areas)
    return page(name, head, body, known, Refresh(pause))


def report_of(owner: OwnerFigures, site: SiteFigures, view: PageView) -> ReportTree | None:
    """Return the report of yesterday, which says so; None if the books hold nothing of it."""
    if owner.values is None:
        return None
    report = ReportBuilder(owner.values, view.lang, site.clusters).report()
    if owner.values.port is None:
        return report
    words, language = WEB_WORDS[view.lang], LANGUAGES[view.lang]
    day = language.short_day(report.period.last)
    lead = (Words(language.plain(words.yesterday_is, day=day)), *report.lead)
    if report.warning:  # the labels say already to which day the sums go
        return replace(report, lead=lead)
    first, *rest, last = report.heads
    up_to = language.words.up_to
    sums = (replace(one, label=language.plain(up_to, label=one.label, day=day)) for one in rest)
    heads = (replace(first, label=words.yesterday), *sums, last)
    return replace(report, lead=lead, heads=heads)


def _bands(
    owner: OwnerFigures, report: ReportTree, site: SiteFigures, view: PageView
) -> tuple[Band, ...]:
    """The bands of the daily report, with today's terminals and the zone's tables."""
    (daily,) = report.pages
    if owner.values is None or owner.values.port is None:
        return daily
    *first, last = daily
    if owner.live:
        today = (1.0, (terminals_today(owner.live, owner.values.port, view.lang),))
        at = next(n for n, band in enumerate(first) if len(band.columns) > 1) + 1
        ((_, terminals),) = first[at].columns
        first[at] = Band((today, (2.6, terminals)))
    zone = ReportBuilder(owner.values, view.lang, site.clusters).zone_bands()
    return (*first, *zone[:1], last)
