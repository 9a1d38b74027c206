"""What makes figures doubtful is said, each reason in a sentence of both languages."""

import pytest
from msgspec.structs import replace

from contract.book import Book
from tests.unit.kpis.builders import BOOK, at
from tests.unit.web.known_site import NOON, books, gathered, later
from web.figures.site_figures import SiteFigures
from web.pages.doubts import OLD_SECONDS, doubts

QUIET_UNTIL_EVENING = replace(BOOK, port=replace(BOOK.port, quiet_hours=12.0))


def fresh(book: Book = QUIET_UNTIL_EVENING) -> SiteFigures:
    """Figures of noon, in books whose last move is of 07:30; the next one is due at 19:30."""
    return replace(gathered(*books(), book=book), waiting=0)


def said(site: SiteFigures, after: float = 0, failure: str = "") -> tuple[str, ...]:
    return doubts(site, site.owners[0], failure, later(after), "en")


def test_fresh_figures_raise_no_doubt() -> None:
    assert said(fresh()) == ()
    assert said(fresh(), after=OLD_SECONDS) == ()


def test_figures_that_stand_still_are_doubtful_with_the_reason() -> None:
    found = said(fresh(), after=301, failure="no broker can be reached")

    assert found == ("The figures stand at 12:00, 5 minutes ago: no broker can be reached",)


def test_without_a_worker_new_moves_are_not_counted() -> None:
    assert said(replace(fresh(), waiting=None)) == (
        "The worker does not answer, so new moves are not counted.",
    )


def test_a_quay_that_is_silent_for_longer_than_its_quiet_hours_is_doubtful() -> None:
    """Two quiet hours after the last move at 07:30 are over at 09:30."""
    assert said(fresh(BOOK)) == ("The quay has reported no move since 07:30, and one is overdue.",)


def test_a_closed_day_is_not_silent() -> None:
    closed = replace(BOOK.port, closed=(NOON.date(),))

    assert said(fresh(replace(BOOK, port=closed))) == ()


def test_books_that_are_filling_say_how_far() -> None:
    site = replace(fresh(BOOK), is_filling=True, booked_to="2026-05-12")

    assert said(site) == (
        "The books are being filled with past days, so far to 2026-05-12; until then sums and "
        "forecasts are not whole.",
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_silence_since_yesterday_names_the_day(lang: str) -> None:
    site = gathered(*books(), now=at("2026-11-27 08:00"))

    found = doubts(site, site.owners[0], "", site.at, lang)  # type: ignore[arg-type]

    assert any("2026-11-26 07:30" in one for one in found)
