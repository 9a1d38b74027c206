"""Pages that are made before anybody asks: those of the languages, and those asked for lately."""

from collections.abc import Callable
from datetime import datetime, timedelta

from web.figures.site_figures import SiteFigures

LATELY = timedelta(minutes=10)  # the longest round of a wall of a dozen pages is within it
MOST = 64  # pages, so that nobody fills the memory by asking

Make = Callable[[SiteFigures], bytes]


class PageCache:
    """Pages by what was asked for, of the newest figures and of those before them.

    Those before are kept, since they are shown until all pages of the newest are made.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._asked: dict[object, tuple[datetime, Make]] = {}
        """What was asked for -> when last, and how it is made; the oldest first."""
        self._made: tuple[tuple[SiteFigures, dict[object, bytes]], ...] = ()

    @property
    def held(self) -> int:
        """How many pages of the newest figures are kept."""
        return len(self._made[0][1]) if self._made else 0

    def page(self, key: object, site: SiteFigures, make: Make) -> bytes:
        """Return a page of these figures; it is made now if nobody asked for it lately."""
        self.ask(key, make)
        pages = next((pages for of, pages in self._made if of is site), None)
        if pages is None:
            pages = {}
            self._made = (site, pages), *self._made[:1]
        if key not in pages:
            if len(pages) >= MOST:
                pages.clear()
            pages[key] = make(site)
        return pages[key]

    def ask(self, key: object, make: Make) -> None:
        """Note that a page is asked for, so that `prepare` makes it."""
        self._asked.pop(key, None)
        self._asked[key] = (self._now(), make)
        if len(self._asked) > MOST:
            del self._asked[next(iter(self._asked))]

    def prepare(self, site: SiteFigures) -> None:
        """Make the pages of new figures that were asked for lately; by the gathering thread."""
        since = self._now() - LATELY
        wanted = [(key, make) for key, (at, make) in list(self._asked.items()) if at >= since]
        pages = {key: make(site) for key, make in wanted}
        self._made = (site, pages), *self._made[:1]
