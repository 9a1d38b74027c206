"""The owner whose figures a request asks for: a port area, or the zone."""

from aiohttp import web

from web.figures.site_figures import OwnerFigures, SiteFigures
from web.pages.view import PageView


def owner_of(site: SiteFigures, view: PageView) -> OwnerFigures:
    """Return the owner that a view names, the first if it names none.

    Raises:
        HTTPNotFound: there is no such owner; it names those that there are.
    """
    found = site.owner(view.area)
    if found is None:
        known = ", ".join(one.code for one in site.owners)
        raise web.HTTPNotFound(text=f"no such area; there is {known}")
    return found
