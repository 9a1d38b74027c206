"""The issued reports by date, and their files."""

from msgspec.structs import replace

from reports.forms.markup import Markup, element
from reports.language.language import LANGUAGES
from web.figures.site_figures import OwnerFigures, SiteFigures
from web.pages.page_frame import ISSUED, PAUSE_SECONDS, Refresh, header, page
from web.pages.view import PageView
from web.pages.wording import WEB_WORDS


def issued_reports(site: SiteFigures, owner: OwnerFigures, view: PageView) -> str:
    """Return the page that lists the issued reports of an owner."""
    words, language = WEB_WORDS[view.lang], LANGUAGES[view.lang]
    name = language.name(owner.name)
    areas = tuple((one.code, language.name(one.name)) for one in site.owners)
    known = replace(view, area=owner.code if len(areas) > 1 else view.area)
    body: list[Markup] = [element("p", {"class": "plain"}, words.none_issued)]
    head = header(name, site.at, known, ISSUED, areas)
    return page(name, head, body, known, Refresh(PAUSE_SECONDS))
