"""The page of what became of a box, a ship, a voyage, a document: all its records, in order."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct, structs

from register.columns import State
from register.questions import FOUND_BY, VersionRow
from reports.forms.html import warning
from reports.forms.markup import Markup, element, joined
from reports.language.language import LANGUAGES
from web.figures.site_figures import OwnerFigures, SiteFigures
from web.pages.asked_figure import LONGEST
from web.pages.explain_wording import EXPLAIN_WORDS
from web.pages.page_frame import FOUND, FOUND_CSV, areas_of, header, page
from web.pages.page_tables import MOST_SHOWN, PageTables
from web.pages.sought import Sought
from web.pages.view import PageView

SHOWN = (
    *("event_time", "move", "terminal", "container", "teu", "state", "reason", "known_from"),
    *("known_to", "recorded_time", "size_feet", "fill", "kind", "vessel_name", "voyage"),
    *("document", "place"),
)


class FoundRecords(Struct, frozen=True):
    """What the register holds of what is sought."""

    kept_to: datetime | None = None
    """When Kafka got the newest record of the register; None if it holds none."""
    records: Sequence[VersionRow] = ()
    """By event time, at most MOST_SHOWN + 1, with `place`."""
    fault: str = ""
    """Why the register can't be read."""


def found_records(
    sought: Sought, found: FoundRecords, site: SiteFigures, owner: OwnerFigures, view: PageView
) -> str:
    """Return the page of what is sought, with the form to look for something else."""
    words, areas = EXPLAIN_WORDS[view.lang], areas_of(site, view.lang)
    known = structs.replace(view, area=owner.code if len(areas) > 1 else view.area)
    title = f"{words.find} · {sought.text}" if sought.text else words.find
    body = [find_form(view, sought)]
    if sought.text:
        body += _answer(sought, found, site, view)
    return page(title, header(title, site.at, known, FOUND, areas), body, view, None)


def find_form(view: PageView, sought: Sought) -> Markup:
    """Return the form that looks for a box, a ship, a voyage, a document or an event."""
    words = EXPLAIN_WORDS[view.lang]
    kept = {"lang": view.lang, "area": view.area, "dark": "1" if view.dark else ""}
    hidden = [
        element("input", {"type": "hidden", "name": name, "value": value})
        for name, value in kept.items()
        if value
    ]
    choices = [
        element("option", {"value": by, "selected": by == sought.by and "selected"}, said)
        for by, said in zip(FOUND_BY, words.found_by, strict=True)
    ]
    text = {"type": "search", "name": "sought", "value": sought.text, "required": "required"}
    looks = {"maxlength": LONGEST, "aria-label": words.sought, "placeholder": words.sought}
    return element(
        "form",
        {"class": "find", "action": FOUND, "method": "get", "role": "search"},
        *hidden,
        element("select", {"name": "by", "aria-label": words.sought_by}, joined(choices)),
        element("input", text | looks),
        element("button", {"type": "submit"}, words.find),
    )


def _answer(
    sought: Sought, found: FoundRecords, site: SiteFigures, view: PageView
) -> list[Markup]:
    """Return how many records there are, the way to the file, and the records."""
    words, plain = EXPLAIN_WORDS[view.lang], LANGUAGES[view.lang].plain
    if found.fault:
        return [warning(plain(words.unreadable, why=found.fault))]
    if found.kept_to is None:
        return [element("p", {"class": "plain"}, words.no_register)]
    tables = PageTables(view, site.at.tzinfo)
    kept = element("p", {"class": "note"}, plain(words.kept_to, at=tables.clock(found.kept_to)))
    if not found.records:
        what = words.found_by[list(FOUND_BY).index(sought.by)]
        said = plain(words.none_found, what=what, sought=sought.text)
        if (digit := sought.expected_digit) is not None:
            said += plain(words.check_digit, digit=str(digit))
        return [element("p", {"class": "plain"}, said), kept]
    if len(found.records) > MOST_SHOWN:
        said = plain(words.many_found, sought=sought.text, count=str(MOST_SHOWN))
    else:
        counted = sum(not _is_past(row) for row in found.records)
        numbers = {"count": str(len(found.records)), "counted": str(counted)}
        said = plain(words.found, sought=sought.text, **numbers)
    way = element("a", {"href": sought.link(FOUND_CSV, view)}, words.as_csv)
    lead = element("p", {"class": "lead"}, element("b", None, said))
    ways = element("p", {"class": "ways"}, way)
    columns = tuple(name for name in SHOWN if name != sought.by)
    return [lead, ways, *tables.records(columns, found.records, _is_past), kept]


def _is_past(row: VersionRow) -> bool:
    """Return whether a record does not count now."""
    return row["known_to"] is not None or row["state"] != State.COUNTED
