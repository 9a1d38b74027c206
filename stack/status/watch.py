"""`quaymark status --watch`: targets and pipeline in the terminal, drawn every few seconds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from contract.book import Book
from contract.errors import StackError
from contract.period import days_of_period
from kpis import pipeline
from kpis.model.kpi import Series, hourly
from kpis.target import target_book
from kpis.target.target_book import TARGETS
from stack.backfill.prometheus_api import Prometheus
from stack.status.exposition import Exposition
from stack.status.headline import ABSENT, STATUS_WORDS

PAUSE_SECONDS = 5.0
PAST = timedelta(days=90)
POINTS = 24
BARS = "▁▂▃▄▅▆▇█"
COLOURS = ("green", "green", "yellow", "bold red", "bold red")
"""Status code -> colour; the table shows the status as a word too."""
KEYS = ("owner", "target", "period")
Key = tuple[str, ...]


class RunningTarget(Struct, frozen=True):
    """A target whose period has not ended, with the worker's figures."""

    key: Key
    name: str
    unit: str
    figures: Mapping[Series, float]

    def figure(self, formula: Callable[..., object]) -> float | None:
        """Return one of its KPIs; None if the worker does not show it yet."""
        return self.figures.get(TARGETS[formula].series)  # type: ignore[index]  # of its family


def watch(
    console: Console, draw: Callable[[], RenderableType], pause: Callable[[float], None]
) -> None:
    """Show what `draw` returns, again every `PAUSE_SECONDS`, until the user interrupts."""
    with Live(draw(), console=console, auto_refresh=False) as live:
        while True:
            pause(PAUSE_SECONDS)
            live.update(draw(), refresh=True)


def screen(
    samples: Exposition | None, book: Book, now: datetime, past: Mapping[Key, Sequence[float]]
) -> RenderableType:
    """Return the targets, the worst first, and the pipeline; or that no worker answers."""
    clock = Text(f"{now.astimezone(book.tz):%Y-%m-%d %H:%M:%S}  Ctrl-C ends", style="dim")
    if samples is None:
        return Group(clock, Text("no worker answers; trying again", style="bold red"))
    return Group(clock, _targets(samples, book, now, past), _pipeline(samples, now))


def paces(prometheus: Prometheus, now: datetime) -> dict[Key, list[float]]:
    """Return target -> its pace over the last 90 days; empty without a Prometheus."""
    found: dict[Key, list[float]] = {}
    series = hourly(TARGETS[target_book.pace])
    for n in range(POINTS):
        at = now - PAST * (1 - (n + 1) / POINTS)
        try:
            answer = prometheus.labelled_values(
                f"last_over_time({series}{{run=''}}[26h])", at.timestamp()
            )
        except StackError:
            return {}
        for labels, value in answer:
            found.setdefault(tuple(labels[key] for key in KEYS), []).append(value)
    return found


def sparkline(values: Sequence[float]) -> str:
    """Return bars scaled between the least and the greatest value; half-high if they are equal."""
    if not values:
        return ""
    low, high = min(values), max(values)
    span = high - low
    return "".join(
        BARS[round((value - low) / span * (len(BARS) - 1))] if span else BARS[3]
        for value in values
    )


def _targets(
    samples: Exposition, book: Book, now: datetime, past: Mapping[Key, Sequence[float]]
) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="dim")
    table.add_column("target", min_width=30)
    for heading in ("pace", "value", "plan", "forecast", "goal"):
        table.add_column(heading, justify="right")
    for heading in ("unit", "status", "pace, 90 days"):
        table.add_column(heading)
    today = now.astimezone(book.tz).date()
    running = (one for one in _targets_shown(samples) if days_of_period(one.key[2])[1] > today)
    for target in sorted(running, key=lambda one: one.figure(target_book.pace) or 9.0):
        pace, code = target.figure(target_book.pace), target.figure(target_book.status)
        word = Text(ABSENT)
        if code is not None:
            word = Text(STATUS_WORDS[int(code)], style=COLOURS[int(code)])
        table.add_row(
            target.name,
            ABSENT if pace is None else f"{pace:.1%}",
            *(
                _number(target.figure(formula))
                for formula in (
                    target_book.current,
                    target_book.planned_to_date,
                    target_book.forecast,
                    target_book.goal,
                )
            ),
            target.unit,
            word,
            sparkline(past.get(target.key, ())),
        )
    return table


def _targets_shown(samples: Exposition) -> Iterator[RunningTarget]:
    for sample in samples.of(TARGETS[target_book.named].series):
        labels = {key: sample.labels[key] for key in KEYS}
        figures = {
            kpi.series: value
            for kpi in TARGETS.kpis
            if kpi.labels == KEYS and (value := samples.one(kpi.series, **labels)) is not None
        }
        key = tuple(labels.values())
        yield RunningTarget(key, sample.labels["name_en"], sample.labels["unit"], figures)


def _pipeline(samples: Exposition, now: datetime) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="dim")
    for heading in ("topic", "read", "waiting", "newest"):
        table.add_column(heading, justify="left" if heading == "topic" else "right")
    for topic in samples.values(pipeline.OWNED.series, "topic"):
        lag = samples.total(pipeline.LAG.series, topic=topic) or 0
        received = samples.one(pipeline.LAST_RECEIVED.series, topic=topic)
        age = ABSENT if received is None else f"{max(0.0, now.timestamp() - received):,.0f} s ago"
        read = samples.total(pipeline.EVENTS.series, topic=topic) or 0
        style = "yellow" if lag else ""
        table.add_row(topic, f"{read:,.0f}", Text(f"{lag:,.0f}", style=style), age)
    return table


def _number(value: float | None) -> str:
    if value is None:
        return ABSENT
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:,.2f}"
