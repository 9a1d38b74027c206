"""What a page says of its figure beside the books: that they agree, or by how much not."""

from register.selection import MoveSums
from reports.forms.html import warning
from reports.forms.markup import Markup, element
from reports.language.language import LANGUAGES
from web.figures.books_verdict import AgreementVerdict, BooksComparison
from web.figures.site_figures import SiteFigures
from web.pages.asked_figure import AskedFigure
from web.pages.explain_wording import EXPLAIN_WORDS
from web.pages.view import PageView
from web.pages.wording import WEB_WORDS


def agreement_note(
    asked: AskedFigure, found: BooksComparison | None, site: SiteFigures, view: PageView
) -> Markup:
    """Return the sentence about the books; what differs for no reason of time is a red band."""
    words, plain = EXPLAIN_WORDS[view.lang], LANGUAGES[view.lang].plain
    if not asked.is_of_now:
        return _note(words.past)
    if not asked.is_of_days_and_classes:
        return _note(words.no_labels)
    if found is None:
        return Markup("")

    def sums(of: MoveSums, sign: str = "") -> str:
        template = words.figure if asked.since is None else words.only_teu
        texts = {"teu": f"{of.teu:{sign},}", "moves": f"{of.moves:{sign},}"}
        return plain(template, **texts)

    books = sums(found.books)
    match found.verdict:
        case AgreementVerdict.EQUAL if found.later or found.at < site.booked[0].at:
            at = f"{found.at.astimezone(site.at.tzinfo):%H:%M:%S}"
            said = plain(words.equals_so_far, sums=books, at=at)
            if found.later:
                said += plain(words.got_more, later=f"{found.later:,}")
            return _note(said, "agrees")
        case AgreementVerdict.EQUAL:
            return _note(plain(words.equals, sums=books), "agrees")
        case AgreementVerdict.BEHIND:
            return _note(plain(words.behind, sums=books, unread=f"{found.unread:,}"))
        case AgreementVerdict.WAITING:
            difference = sums(found.difference, "+")
            why = _why(site, view)
            return _note(plain(words.waits, sums=books, difference=difference, why=why))
        case AgreementVerdict.DIFFERENT:
            difference = sums(found.difference, "+")
            return warning(plain(words.differs, sums=books, difference=difference))


def _why(site: SiteFigures, view: PageView) -> str:
    """Return why the books may lack something: no worker, events that wait, or no second look."""
    words = WEB_WORDS[view.lang]
    if site.waiting is None:
        return words.no_worker
    if site.waiting:
        return LANGUAGES[view.lang].plain(words.waiting, count=f"{site.waiting:,}") + words.stop
    return EXPLAIN_WORDS[view.lang].read_once


def _note(said: str, looks: str = "note") -> Markup:
    return element("p", {"class": looks}, said)
