"""The few idioms of PromQL: pick a series, hold over missed scrapes, ask for the newest, cut."""

from typing import Any

from kpis.model.kpi import Kpi, Series, recorded, total

HOLD = "26h"
"""One missed day of a daily figure is bridged, two are not; staleness has its own word."""
FRESH = "2h"
"""History is kept by the hour, so what has no sample for two of them is not told any more."""
YEAR = "400d"
"""From the end of a year back over all of it; only for hourly series, of which a year is small."""
RUN = "run"
"""The label of what a replay measured; live series have none, which `^$` picks."""
LIVE = "^$"


def pick(series: Series, **values: str) -> str:
    """A selector within the chosen run.

    A value that begins with `~` or `!` is a regular expression to match, or not to match.
    Between apostrophes, since Grafana puts a terminal's code there and leaves quotes as they are.

    Raises:
        ValueError: the series has no such label.
    """
    series.where(**values)
    matchers = ",".join(
        f"{name}{value[0]}'{value[1:]}'".replace("~'", "=~'").replace("!'", "!~'")
        if value.startswith(("~", "!"))
        else f"{name}='{_escaped(value)}'"
        for name, value in (values | {RUN: f"~${RUN}"}).items()
    )
    return f"{series}{{{matchers}}}"


def of_a_run(series: Series, **values: str) -> str:
    """The same selector, which finds nothing while the live books are chosen."""
    return pick(series, **values).removesuffix("}") + f",{RUN}!=''}}"


def of_live(series: Series, **values: str) -> str:
    """The same selector, which finds nothing while a run is chosen."""
    return pick(series, **values).removesuffix("}") + f",{RUN}=''}}"


def whole(kpi: Kpi[Any]) -> Series:
    """A KPI's recorded sum, else its recorded series: both free of the worker's labels."""
    return total(kpi) or recorded(kpi)


def held(selector: str, hold: str = HOLD, offset: str = "") -> str:
    """A series without gaps for a missed scrape or a restarted worker."""
    shift = f" offset {offset}" if offset else ""
    return f"last_over_time({selector}[{hold}]{shift})"


def newest(selector: str) -> str:
    """The last value known at the end of the range, the same at every step, past or to come."""
    return f"last_over_time({selector}[{YEAR}] @ end())"


def until(expr: str, instant: str) -> str:
    """A curve up to an instant: beyond the newest figure a held one would be a false plateau."""
    return f"({expr}) and on() (vector(time()) <= {instant})"


def since(expr: str, instant: str) -> str:
    """A curve from an instant on."""
    return f"({expr}) and on() (vector(time()) >= {instant})"


def of_year_before(expr: str, year: str) -> str:
    """Of the series of all years, those of the year before the given one.

    Books export every year at once, so the year is picked by its label: `count_values` makes one
    of a number.
    """
    return f"{expr} * on (year) group_left () count_values('year', vector({year} - 1))"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
