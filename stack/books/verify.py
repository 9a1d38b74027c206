"""The books beside a recount of the raw events: asked until both are still, then compared."""

import time
from collections import Counter
from collections.abc import Callable

from msgspec import Struct

from audit.recount import Recount
from audit.totals import Difference, TotalName, Totals, differences, moved, over_all_areas
from contract.book import Book
from contract.errors import StackError
from stack.books.shown_totals import Shown

POLL_SECONDS = 0.2
STILL_SECONDS = 5.0  # stage 1 tells changed days twice a second, stage 2 takes them in at once


class Comparison(Struct, frozen=True):
    """What the comparison came to."""

    recounted: Totals
    differing: list[Difference]
    moved: dict[str, str]
    """Terminal -> another area under which a part of it is booked."""
    doubles: int
    """Moves that count on more than one partition."""

    @property
    def clean(self) -> bool:
        """Each move is counted once, and every total is the same."""
        return not (self.differing or self.doubles)


def judged(recount: Recount, shown: Totals, book: Book, last_year: int) -> Comparison:
    """The verdict on totals shown up to a year."""
    recounted = _up_to(recount.totals(), last_year)
    shown = _up_to(shown, last_year)
    elsewhere = moved(shown, book.area_of)
    differing = differences(
        over_all_areas(recounted, elsewhere.keys()), over_all_areas(shown, elsewhere.keys())
    )
    return Comparison(recounted, differing, elsewhere, recount.doubles())


def compare(
    read_on: Callable[[], int],
    left: Callable[[], int],
    ask: Callable[[], Shown],
    judge: Callable[[Totals], Comparison],
    seconds: float,
) -> Comparison:
    """Ask the books until they agree with all that is in the topic, or stay at something else.

    Events may come meanwhile: `read_on` recounts them and says how many, `left` how many have come
    since.

    Raises:
        StackError: within `seconds` the books did not come to rest.
    """
    deadline = time.monotonic() + seconds
    last, since, verdict = Shown({}), time.monotonic(), None
    while True:
        read, shown, more = read_on(), ask(), left()
        now = time.monotonic()
        if read or more or shown != last:
            last, since, verdict = shown, now, None
        if not more and not shown.unsettled:
            verdict = verdict or judge(shown.totals)
            if verdict.clean or now - since >= STILL_SECONDS:
                return verdict
        if now > deadline:
            what = shown.unsettled or "events keep coming, so that nothing can be compared"
            raise StackError(f"after {seconds:.0f} s: {what}; --wait SECONDS waits longer")
        time.sleep(POLL_SECONDS)


def _up_to(sums: Totals, year: int) -> Counter[TotalName]:
    return Counter({line: amount for line, amount in sums.items() if line.year <= year})
