"""The headline figures of a scrape as text with units, as `quaymark status` shows them."""

from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec import Struct

from contract.book import Book
from contract.errors import Reason
from contract.topics import INDICATORS, MOVES, PROJECTS
from kpis import pipeline
from kpis.port import growth, handled, pacing
from kpis.port.comparison import Comparability
from kpis.port.throughput import LATEST, THROUGHPUT
from kpis.zone import investment, milestones
from kpis.zone.investment import INVESTMENT
from kpis.zone.portfolio import TIERS
from stack.status.exposition import Exposition

STATUS_WORDS = ("attained", "on track", "behind", "critical", "missed")
"""port_throughput_status_code -> its word."""
ABSENT = "–"
REASONS = {
    Comparability.NO_WHOLE_DAY: "no whole day yet",
    Comparability.BOOKS_BEGIN_LATER: "the books begin later",
    Comparability.DAYS_MISSING: "the books lack a week of days",
    Comparability.WAS_ZERO: "there was no TEU then",
    Comparability.SPRING_FESTIVAL: "January and February are compared together",
}
"""Reason why there is no comparison -> its words."""


class Section(Struct, frozen=True):
    """A heading, and rows of a name and a figure."""

    title: str
    rows: tuple[tuple[str, str], ...]


def sections(samples: Exposition, book: Book, now: datetime) -> Iterator[Section]:
    """Yield a section for each port area of this year, for the zone, and for the pipeline."""
    year = str(now.astimezone(book.tz).year)
    for area in book.area:
        yield Section(f"{area.name.en} {year}", tuple(_port(samples, area.code, year, book, now)))
    if book.zone is not None:
        yield Section(book.zone.name.en, tuple(_zone(samples, book.zone.code)))
    yield Section("Pipeline", tuple(_pipeline(samples, book, now)))


def _port(
    samples: Exposition, area: str, year: str, book: Book, now: datetime
) -> Iterator[tuple[str, str]]:
    def figure(formula: object) -> float | None:
        kpi = THROUGHPUT[formula]  # type: ignore[index]  # any of the family's formulas
        return samples.total(kpi.series, port_area=area, year=year)

    yield "handled", _teu(figure(handled.ytd))
    yield "month to date", _teu(samples.total(LATEST[growth.month_to_date].series, port_area=area))
    for what, ratio, reason in (
        ("month on last year", growth.month_on_year, growth.month_on_year_code),
        ("month on month, mean day", growth.month_on_month, growth.month_on_month_code),
    ):
        ratios, reasons = LATEST[ratio].series, LATEST[reason].series
        found, code = (samples.total(one, port_area=area) for one in (ratios, reasons))
        yield what, _growth(found, code)
    yield "year on last year", _growth(figure(growth.ytd_on_year), figure(growth.ytd_on_year_code))
    yield "planned to date", _teu(figure(pacing.planned_to_date))
    pace, code = figure(pacing.pace), figure(pacing.status)
    word = "" if code is None else f", {STATUS_WORDS[int(code)]}"
    yield "pace", ABSENT if pace is None else f"{pace:.1%} of plan{word}"
    yield "target", _teu(figure(pacing.target))
    yield "forecast", _teu(figure(pacing.forecast))
    yield "short by", _teu(figure(pacing.shortfall))
    yield "needed a day", _teu(figure(pacing.required_per_day))
    yield "last 28 days, a day", _teu(figure(pacing.recent_per_day))
    newest = figure(handled.as_of)
    if newest is None:
        yield "figures up to", ABSENT
    else:
        at = datetime.fromtimestamp(newest, book.tz)
        yield "figures up to", f"{at:%Y-%m-%d %H:%M} ({_ago(now, newest)})"


def _zone(samples: Exposition, zone: str) -> Iterator[tuple[str, str]]:
    signed = INVESTMENT[investment.signed].series
    for tier in TIERS:
        if count := samples.total(signed, zone=zone, tier=tier):
            yield f"signed, CNY {tier} or more", f"{count:,.0f} projects"
    yuan = samples.total(INVESTMENT[investment.committed].series, zone=zone)
    yield "committed", ABSENT if yuan is None else f"CNY {yuan / 1e9:,.1f} bn"
    overdue = samples.total(INVESTMENT[milestones.milestones_overdue].series, zone=zone)
    yield "milestones overdue", ABSENT if overdue is None else f"{overdue:,.0f}"


def _pipeline(samples: Exposition, book: Book, now: datetime) -> Iterator[tuple[str, str]]:
    if book.area:  # facts are of moves
        facts = samples.total(pipeline.FACTS.series)
        yield "facts in the books", ABSENT if facts is None else f"{facts:,.0f}"
    for topic in (MOVES.name, PROJECTS.name, INDICATORS.name):
        read = samples.total(pipeline.EVENTS.series, topic=topic)
        if read:
            lag = samples.total(pipeline.LAG.series, topic=topic) or 0
            times = samples.of(pipeline.LAST_RECEIVED.series, topic=topic)
            received = max((sample.value for sample in times), default=None)
            fresh = "" if received is None else f", last {_ago(now, received)}"
            yield topic, f"{read:,.0f} read, {lag:,.0f} waiting{fresh}"
    for sample in samples.of(pipeline.REJECTED.series):
        if sample.value:
            reason = sample.labels["reason"]
            # the move itself is in the books; its dead letter lets somebody add the size later
            what = "counted without TEU" if reason == Reason.UNKNOWN_SIZE else "rejected"
            yield f"{what}, {reason}", f"{sample.value:,.0f}"


def _growth(ratio: float | None, code: float | None) -> str:
    """Growth as a percentage, or the reason why there is none."""
    if ratio is not None:
        return f"{ratio:+.1%}"
    return ABSENT if code is None else f"{ABSENT} ({REASONS[Comparability(int(code))]})"


def _teu(value: float | None) -> str:
    return ABSENT if value is None else f"{value:,.0f} TEU"


def _ago(now: datetime, timestamp: float) -> str:
    seconds = round((now - datetime.fromtimestamp(timestamp, UTC)).total_seconds())
    if seconds < 0:
        return f"{-seconds} s ahead"
    for length, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit} ago"
    return f"{seconds} s ago"
