"""The input of a forecast: the days of the books, and the period that is forecast."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from msgspec import Struct

from kpis.model.calendar import day_and_fraction, day_of
from kpis.model.periods import MonthPeriod, ahead, back
from kpis.plan.plan import Plan
from kpis.plan.progress import Outlook
from kpis.port import handled
from kpis.port.books import PortBooks, is_plan
from kpis.port.year import PortYear
from kpis.target.target_book import TargetBook
from kpis.zone import investment
from kpis.zone.portfolio import TIERS, Portfolio

MONTHS = 24  # a season must be seen twice
DAY = timedelta(1)


class Basis(Struct, frozen=True):
    """The amounts of the whole days, and the amount so far of the period that is forecast.

    `days` are the amounts of the days from `first` on.  `stop` is the day after the period's last
    day.  `done` is the period's amount so far, with that of the day under way, if there is one.
    `passed` is the share of that day that is over.
    """

    first: date
    days: tuple[float, ...]
    stop: date
    done: float
    passed: float = 0.0

    @property
    def end(self) -> date:
        """The day after the last whole day."""
        return self.first + len(self.days) * DAY

    @property
    def months(self) -> list[MonthPeriod]:
        """The months back from `end`, oldest first.

        Spring Festival lies in January or February, so a newest month that begins in January is
        left out until its February is there too.
        """
        found = back(self.end, self.first)
        return found[:-1] if found and found[-1].start.month == 1 else found

    @property
    def rest(self) -> list[MonthPeriod]:
        """The months to come, after the last of `months`."""
        months = self.months
        return ahead(months[-1].end if months else self.end, self.stop)

    @property
    def suffices(self) -> bool:
        """Whether there are two years of months, and days to come."""
        return self.end < self.stop and len(self.months) >= MONTHS

    def per_day(self, month: MonthPeriod) -> float:
        """The mean amount of a month's days."""
        start = (month.start - self.first).days
        return sum(self.days[start : start + month.days]) / month.days

    def days_to_come(self, month: MonthPeriod) -> float:
        """The days of a month that are not over yet, with the rest of the day under way."""
        left = (month.end - max(month.start, self.end)).days
        return left - self.passed if month.start <= self.end < month.end else max(0.0, left)


class Question(Struct, frozen=True):
    """A forecast to be made, if the books suffice, and the function that takes the answer."""

    basis: Basis | None
    answer: Callable[[Outlook | None], None]


def questions(
    books: PortBooks | Portfolio, targets: TargetBook, at: datetime
) -> Iterator[Question]:
    """The forecasts that the targets on a port area's TEU or a zone's signings ask for.

    Targets on yuan, levels and other KPIs keep the run-rate: no back-test covers a forecast of
    them.
    """
    if isinstance(books, PortBooks):
        port = books.year(day_of(at, books.tz).year)
        if port.plan:
            yield Question(basis(books, port.plan, at), partial(books.expect, port.year))
    for state in targets.states((books,), at):
        answer, labels = partial(targets.expect, state.target.key), state.target.labels
        match books:
            case PortBooks() if state.measure.kpi.of is handled.ytd and not is_plan(state.target):
                found = basis(books, state.plan, at, labels.get("terminal", ""))
                yield Question(found, answer)
            case Portfolio() if state.measure.kpi.of is investment.signed:
                yield Question(signings(books, TIERS[labels["tier"]], state.plan, at), answer)


def basis(books: PortBooks, plan: Plan, at: datetime, terminal: str = "") -> Basis | None:
    """The basis of a forecast of a port area's or a terminal's TEU in the period of a plan.

    The day of the newest move is under way if it is today, and else it is whole.  Days after it
    are unknown, not empty.  There is no basis before the period, after it, or with less than two
    years of books without a gap.
    """
    today, passed = day_and_fraction(at, books.tz)
    years = _without_a_gap(list(books.years(at)))
    newest = max((port.newest for port in years if port.newest), default=None)
    first = years[0].first
    if newest is None or first is None or not plan.first <= today < plan.end:
        return None
    end = min(today, day_of(newest, books.tz) + DAY)
    found = Basis(
        first=first,
        days=tuple(teu for port in years for teu in port.daily(first, end, terminal)),
        stop=plan.end,
        done=sum(port.teu_between(plan.first, plan.end, terminal) for port in years),
        passed=passed if end == today else 0.0,
    )
    return found if found.suffices else None


def signings(zone: Portfolio, least_yuan: int, plan: Plan, at: datetime) -> Basis | None:
    """The basis of a forecast of a zone's signed projects of at least `least_yuan`.

    A day without a signing is empty, not unknown.  There is no basis before the period, after it,
    or less than two years after the zone's first signing.
    """
    today, passed = day_and_fraction(at, zone.tz)
    signed = zone.state(at).signed
    first = min((one.on for one in signed), default=today)
    if not plan.first <= today < plan.end:
        return None
    on_day = Counter(one.on for one in signed if one.card.yuan >= least_yuan)
    found = Basis(
        first=first,
        days=tuple(float(on_day[first + n * DAY]) for n in range((today - first).days)),
        stop=plan.end,
        done=float(sum(on_day[on] for on in on_day if plan.first <= on < plan.end)),
        passed=passed,
    )
    return found if found.suffices else None


def _without_a_gap(years: list[PortYear]) -> list[PortYear]:
    """The newest years, back to a missing year or to one whose books begin after its January."""
    found = years[-1:]
    for year in reversed(years[:-1]):
        later = found[0]
        if year.year != later.year - 1 or (later.first and later.first.month > 1):
            break
        found.insert(0, year)
    return found
