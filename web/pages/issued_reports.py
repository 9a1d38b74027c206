"""The issued reports, the newest first, and their files."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from contract.reporting.issued_report import IssuedReport
from reports.forms.html import warning
from reports.forms.markup import Markup, element, joined
from reports.language.language import LANGUAGES
from reports.period import Period, ReportKind
from web.figures.site_figures import OwnerFigures, SiteFigures
from web.pages.page_frame import ISSUED, PAUSE_SECONDS, Refresh, header, page
from web.pages.view import PageView
from web.pages.wording import WEB_WORDS

MOST_SHOWN = 200


class ReportList(Struct, frozen=True):
    """The issued reports of all owners."""

    issued: Sequence[IssuedReport]
    fault: str = ""
    """Why some can't be read; empty if all can."""
    undelivered: Mapping[str, Sequence[str]] = {}
    """Number of a report -> the receivers that do not have it for certain."""


def issued_reports(
    listed: ReportList, site: SiteFigures, owner: OwnerFigures, view: PageView
) -> str:
    """Return the page that lists the issued reports of an owner."""
    words, language = WEB_WORDS[view.lang], LANGUAGES[view.lang]
    name = language.name(owner.name)
    areas = tuple((one.code, language.name(one.name)) for one in site.owners)
    known = replace(view, area=owner.code if len(areas) > 1 else view.area)
    own = sorted(
        (report for report in listed.issued if report.owner == owner.code),
        key=lambda report: (report.last, report.issued_at),
        reverse=True,
    )
    body: list[Markup] = [warning(listed.fault)] if listed.fault else []
    if own:
        body.append(_table(replace(listed, issued=own[:MOST_SHOWN]), site, view))
    elif not listed.fault:
        body.append(element("p", {"class": "plain"}, words.none_issued))
    if len(own) > MOST_SHOWN:
        note = language.plain(words.only_newest, count=str(MOST_SHOWN))
        body.append(element("p", {"class": "plain"}, note))
    head = header(name, site.at, known, ISSUED, areas)
    return page(name, head, body, known, Refresh(PAUSE_SECONDS))


def address(report: IssuedReport, file: str) -> str:
    """Return the address of a file of a report."""
    return f"{ISSUED}/{quote(report.number)}/{quote(file)}"


def _table(listed: ReportList, site: SiteFigures, view: PageView) -> Markup:
    words = WEB_WORDS[view.lang]
    heads = (words.issued_period, words.issued_at, words.issued_files)
    head = element("tr", None, joined([element("th", {"scope": "col"}, one) for one in heads]))
    rows = [
        _row(report, listed.undelivered.get(report.number, ()), site, view)
        for report in listed.issued
    ]
    return element("table", {"class": "issued"}, element("thead", None, head), joined(rows))


def _row(
    report: IssuedReport, lacking: Sequence[str], site: SiteFigures, view: PageView
) -> Markup:
    words, language = WEB_WORDS[view.lang], LANGUAGES[view.lang]
    period = language.period(Period.of(ReportKind(report.kind), report.first))
    if report.provisional:
        period += f" · {words.provisional}"
    if lacking:
        period += f" · {words.undelivered}{', '.join(lacking)}"
    at = report.issued_at.astimezone(site.at.tzinfo)
    files = [
        element("a", {"href": address(report, file.name)}, _label(report, file.name))
        for file in report.files
    ]
    cells = (
        element("th", {"scope": "row"}, period),
        element("td", None, f"{at:%Y-%m-%d %H:%M}"),
        element("td", None, Markup(" · ".join(files))),
    )
    return element("tr", None, joined(list(cells)))


def _label(report: IssuedReport, file: str) -> str:
    """What tells a file from the others of its report: `zh.pdf`, `en-2.png`, `csv`."""
    stem = f"{report.owner}-{report.kind}-{report.period}"
    return file.removeprefix(stem).lstrip("-.") or file
