"""The table of targets: those of targets.toml, those on the topic, and their KPIs as text."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from broker.connection import Connection
from broker.reader import TopicReading
from contract.binary_mode import structured
from contract.book import Book
from contract.errors import Rejected
from contract.events import Target, TargetSet
from contract.settings import Settings
from contract.target_changes import newest, target_set
from contract.target_file import read_targets
from contract.topics import TARGETS as TOPIC
from kpis.model.kpi import Figure
from kpis.target import target_book
from kpis.target.measures import measure_of, unit_of
from kpis.target.target_book import TARGETS, TargetStatus
from stack.context import text_of
from stack.status.exposition import Exposition
from stack.status.headline import ABSENT, STATUS_WORDS

HEADS = (
    "target",
    "of",
    "period",
    "now",
    "goal",
    "planned",
    "pace",
    "behind by",
    "forecast",
    "a day",
    "status",
    "reached",
    "set",
)


class TargetTrail(Struct, frozen=True):
    """All target events of the topic, in the order of their recordedtime."""

    events: tuple[TargetSet, ...]

    @property
    def in_effect(self) -> Mapping[str, TargetSet]:
        """Key -> the newest event, also if it withdraws the target."""
        return newest(self.events)


def wanted(settings: Settings, book: Book) -> tuple[Target, ...]:
    """Read targets.toml, and check its KPIs and labels.

    Raises:
        Misconfigured: the file has mistakes; the message lists each with its line.
    """

    def check(target: Target) -> None:
        measure_of(target, book)

    path = settings.targets
    return read_targets(text_of(path, "QUAYMARK_TARGETS"), path, check)


def trail(settings: Settings) -> TargetTrail:
    """Read all target events from the topic; other records are ignored.

    Raises:
        StackError: there is no broker, or no topic.
    """
    events: list[TargetSet] = []
    with TopicReading(Connection.of(settings), TOPIC.under(settings.prefix)) as reading:
        for batch in reading.rest():
            for record in batch:
                try:
                    value = structured(record.value, record.headers)
                    events.append(target_set(value, record.timestamp))
                except Rejected:
                    continue
    return TargetTrail(tuple(sorted(events, key=lambda event: event.age)))


def rows(found: TargetTrail, samples: Exposition, book: Book) -> Iterator[tuple[str, ...]]:
    """Yield a row with the columns `HEADS` for each target in effect, sorted by key."""
    for _, event in sorted(found.in_effect.items()):
        if not event.data.withdrawn:
            yield _row(event, samples, book)


def history(found: TargetTrail, tz: ZoneInfo) -> Iterator[str]:
    """Yield a line for each event: when and by whom a target was set, and to which value."""
    for event in found.events:
        target = event.data
        what = "withdrawn" if target.withdrawn else f"{number(float(target.value))} {target.unit}"
        yield f"{_day(event.recordedtime.timestamp(), tz)}  {_by(event):12}  {target.key}: {what}"


def number(value: float) -> str:
    """Return a figure as text: without decimals from 1,000 on, else with three digits."""
    return f"{value:,.0f}" if abs(value) >= 1000 or value == round(value) else f"{value:,.3g}"


def _row(event: TargetSet, samples: Exposition, book: Book) -> tuple[str, ...]:
    target, tz = event.data, book.tz

    def read(formula: Callable[[TargetStatus, datetime], Figure], **more: str) -> float | None:
        return samples.one(
            TARGETS[formula].series,
            owner=target.owner,
            target=target.target,
            period=target.period,
            **more,
        )

    pace, status = read(target_book.pace), read(target_book.status)
    reached, expected = read(target_book.attained), read(target_book.expected)
    when = ABSENT if expected is None else f"expected {_day(expected, tz)}"
    return (
        target.name.en,
        target.owner,
        target.period,
        _figure(read(target_book.current)),
        f"{'≤ ' if target.direction == 'at_most' else ''}{number(float(target.value))} "
        + _unit(target, book),
        _figure(read(target_book.planned_to_date)),
        ABSENT if pace is None else f"{pace:.1%}",
        _figure(read(target_book.gap)),
        _forecast(read),
        _figure(read(target_book.required_per_day)),
        ABSENT if status is None else STATUS_WORDS[int(status)],
        when if reached is None else _day(reached, tz),
        f"{_day(event.recordedtime.timestamp(), tz)} {_by(event)}",
    )


def _forecast(read: Callable[..., float | None]) -> str:
    """Return the forecast as text, with its 80 % interval if it has one."""
    middle = read(target_book.forecast)
    low, high = (
        read(target_book.forecast_bound, level="0.80", bound=bound) for bound in ("lower", "upper")
    )
    if middle is None or low is None or high is None:
        return _figure(middle)
    return f"{number(middle)} ({number(low)} to {number(high)})"


def _unit(target: Target, book: Book) -> str:
    try:
        return unit_of(target, measure_of(target, book))
    except Rejected:  # set by another release or book; the worker has rejected it
        return target.unit


def _figure(value: float | None) -> str:
    return ABSENT if value is None else number(value)


def _day(timestamp: float, tz: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(timestamp, tz):%Y-%m-%d}"


def _by(event: Any) -> str:
    """Return who set a target: the last part of the event's source."""
    return str(event.source.rpartition("/")[2])
