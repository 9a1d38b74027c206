"""The comparison of the books with a recount of the raw events, once both stop changing."""

import time
from collections import Counter
from collections.abc import Callable

from msgspec import Struct

from audit.recount import Recount
from audit.totals import Difference, TotalName, Totals, differences, moved, over_all_areas
from contract.book import Book
from contract.errors import StackError
from stack.books.shown_totals import ShownTotals

POLL_SECONDS = 0.2
UNCHANGED_SECONDS = 5.0  # stage 1 sends changed days twice a second, stage 2 takes them at once


class TotalsComparison(Struct, frozen=True):
    """The result of a comparison."""

    recounted: Totals
    differing: list[Difference]
    moved: dict[str, str]
    """Terminal -> another area in which some of its moves are booked."""
    duplicated: int
    """How many moves count on more than one partition."""

    @property
    def clean(self) -> bool:
        """Whether every move is counted once, and all totals are the same."""
        return not (self.differing or self.duplicated)


def compare_totals(
    recount: Recount, shown: Totals, book: Book, last_year: int
) -> TotalsComparison:
    """Compare the totals shown with a recount, up to a year."""
    recounted = _up_to(recount.totals(), last_year)
    shown = _up_to(shown, last_year)
    elsewhere = moved(shown, book.area_of)
    differing = differences(
        over_all_areas(recounted, elsewhere.keys()), over_all_areas(shown, elsewhere.keys())
    )
    return TotalsComparison(recounted, differing, elsewhere, recount.doubles())


def compare(
    read_on: Callable[[], int],
    left: Callable[[], int],
    ask: Callable[[], ShownTotals],
    judge: Callable[[Totals], TotalsComparison],
    seconds: float,
) -> TotalsComparison:
    """Compare until the books agree with the topic, or stop changing without agreeing.

    Events may arrive meanwhile: `read_on` recounts them and returns how many there were, `left`
    returns how many have arrived since.  `ask` returns the totals shown, `judge` compares them.

    Raises:
        StackError: the books or the topic still change after `seconds`.
    """
    deadline = time.monotonic() + seconds
    last, since, verdict = ShownTotals({}), time.monotonic(), None
    while True:
        read, shown, more = read_on(), ask(), left()
        now = time.monotonic()
        if read or more or shown != last:
            last, since, verdict = shown, now, None
        if not more and not shown.unsettled:
            verdict = verdict or judge(shown.totals)
            if verdict.clean or now - since >= UNCHANGED_SECONDS:
                return verdict
        if now > deadline:
            what = shown.unsettled or "events keep coming, so that nothing can be compared"
            raise StackError(f"after {seconds:.0f} s: {what}; --wait SECONDS waits longer")
        time.sleep(POLL_SECONDS)


def _up_to(sums: Totals, year: int) -> Counter[TotalName]:
    return Counter({line: amount for line, amount in sums.items() if line.year <= year})
