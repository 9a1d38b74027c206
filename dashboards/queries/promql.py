"""The PromQL idioms of all queries: select, bridge missed scrapes, take the newest, cut off."""

from typing import Any

from kpis.model.kpi import Kpi, Series, recorded, total

HOLD = "26h"
"""How far back a value is held: one missed day of a daily figure is bridged, two are not."""
FRESH = "2h"
"""History has a sample an hour, so a series without one for two hours has ended."""
YEAR = "400d"
"""From the end of a year back over all of it; for the thinned hourly series alone."""
RUN = "run"
"""The label of series that a replay run measured; live series have none, which `^$` matches."""
LIVE = "^$"


def select(series: Series, **values: str) -> str:
    """Return a selector of a series of the chosen run.

    A value that begins with `~` or `!` is a regular expression to match, or not to match.  Values
    stand between apostrophes, since Grafana does not escape the terminal codes that it inserts.

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
    """Return the same selector, which finds nothing while the live figures are chosen."""
    return select(series, **values).removesuffix("}") + f",{RUN}!=''}}"


def of_live(series: Series, **values: str) -> str:
    """Return the same selector, which finds nothing while a run is chosen."""
    return select(series, **values).removesuffix("}") + f",{RUN}=''}}"


def aggregate(kpi: Kpi[Any]) -> Series:
    """Return a KPI's recorded sum, or its recorded series; neither has the worker's labels."""
    return total(kpi) or recorded(kpi)


def held(selector: str, hold: str = HOLD, offset: str = "") -> str:
    """Return a series whose last value is held over missed scrapes and restarts of a worker."""
    shift = f" offset {offset}" if offset else ""
    return f"last_over_time({selector}[{hold}]{shift})"


def at_range_end(selector: str) -> str:
    """Return the last value at the end of the time range, the same at every step of a curve."""
    return f"last_over_time({selector}[{YEAR}] @ end())"


def until(expr: str, instant: str) -> str:
    """Return a curve up to an instant; past the newest figure a held value is a false plateau."""
    return f"({expr}) and on() (vector(time()) <= {instant})"


def since(expr: str, instant: str) -> str:
    """Return a curve from an instant on."""
    return f"({expr}) and on() (vector(time()) >= {instant})"


def with_code(expr: str, label: str) -> str:
    """Return series that bear the value of a label as `code`, too, for the column of codes."""
    return f"label_replace({expr}, 'code', '$1', '{label}', '(.+)')"


def of_year_before(expr: str, year: str) -> str:
    """Return the series of the year before the given one, out of those of all years.

    A worker exports all years at once, so the label `year` selects one: `count_values` turns a
    number into a label.
    """
    return f"{expr} * on (year) group_left () count_values('year', vector({year} - 1))"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
