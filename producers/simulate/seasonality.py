"""Activity of the simulated port by year, month, weekday, Spring Festival and hour."""

import calendar
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

TEU_OF_YEAR: Mapping[int, int] = {2019: 1_135_800, 2020: 1_405_700}
"""Year -> TEU that the port published for it."""
TEU_OF_OTHER_YEARS = 1_110_000

SHARES = (
    *(0.0818, 0.0634, 0.0796, 0.0821, 0.0850, 0.0832),
    *(0.0858, 0.0859, 0.0842, 0.0859, 0.0868, 0.0963),
)
"""Share of each month in a year that is behind plan from spring on and catches up in December."""
SHARES_OF_YEAR: Mapping[int, tuple[float, ...]] = {
    2020: (
        *(0.0735, 0.0520, 0.0785, 0.0850, 0.0880, 0.0880),
        *(0.0895, 0.0895, 0.0885, 0.0895, 0.0890, 0.0890),
    )
}
"""Year -> its own monthly shares; 2020 has its published 20.4 % in the first quarter."""

WEEKDAYS = (0.98, 1.00, 1.02, 1.03, 1.03, 1.00, 0.94)
"""Activity from Monday to Sunday: liners berth late in the week, barges pause on Sunday."""

NEW_YEAR = {
    day.year: day
    for day in map(
        date.fromisoformat,
        (
            *("2016-02-08", "2017-01-28", "2018-02-16", "2019-02-05", "2020-01-25"),
            *("2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29"),
            *("2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-03"),
            *("2031-01-23", "2032-02-11", "2033-01-31", "2034-02-19", "2035-02-08"),
        ),
    )
}
"""Year -> first day of the lunar year; a year outside the table has no dip."""

_FESTIVAL = (
    # days after the lunar new year, activity from that day until the next line
    (-21, 1.06),  # shippers hurry before the factories close
    (-8, 0.90),
    (-4, 0.70),
    (-1, 0.45),
    (4, 0.60),
    (7, 0.75),
    (11, 0.90),  # migrant workers return after the Lantern Festival
    (16, 1.00),
)


QUAY_HOURS = (*(0.8,) * 6, *(1.0,) * 2, *(1.2,) * 4, 1.0, *(1.2,) * 5, *(1.0,) * 4, *(0.9,) * 2)
GATE_HOURS = (*(0.2,) * 5, 0.5, 1.0, 1.0, *(1.8,) * 4, 1.2, *(1.8,) * 5, *(1.2,) * 3, *(0.5,) * 3)
"""Activity in each hour of a day: ships work day and night, trucks prefer the day."""


def festival(on: date) -> float:
    """Return the activity on a day around Spring Festival; 1 on an ordinary day."""
    if (new_year := NEW_YEAR.get(on.year)) is None:
        return 1.0
    days = (on - new_year).days
    return next((activity for first, activity in reversed(_FESTIVAL) if days >= first), 1.0)


def expected_teu(on: date) -> float:
    """Return the TEU that the whole port handles on a day on average.

    The days of a month divide its share of the year by weekday and festival.  January and February
    are one month here, because the festival moves between them.
    """
    volume = TEU_OF_YEAR.get(on.year, TEU_OF_OTHER_YEARS)
    return volume * _shares_of_days(on.year)[on.timetuple().tm_yday - 1]


def moments(
    random: np.random.Generator, count: int, hours: tuple[float, ...], seconds: int
) -> NDArray[np.float64]:
    """Draw ascending whole seconds of a day with `seconds` seconds, weighted by its hours."""
    reached = np.concatenate([[0.0], np.cumsum(hours)])
    drawn = np.interp(random.random(count), reached / reached[-1], np.linspace(0, 1, len(reached)))
    return np.sort(np.floor(drawn * seconds))


@lru_cache(maxsize=4)
def _shares_of_days(year: int) -> tuple[float, ...]:
    shares = SHARES_OF_YEAR.get(year, SHARES)
    lengths = [calendar.monthrange(year, month)[1] for month in range(1, 13)]
    groups = [
        (lengths[0] + lengths[1], shares[0] + shares[1]),
        *zip(lengths[2:], shares[2:], strict=True),
    ]
    firsts = accumulate((length for length, _ in groups), initial=0)
    found: list[float] = []
    for first, (length, share) in zip(firsts, groups, strict=False):
        days = [date(year, 1, 1) + timedelta(first + n) for n in range(length)]
        weights = [WEEKDAYS[day.weekday()] * festival(day) for day in days]
        found += [share * weight / sum(weights) for weight in weights]
    return tuple(found)
