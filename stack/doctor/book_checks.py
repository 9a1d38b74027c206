"""Checks of the books: are all terminals in them, on all days, with sizes, targets and plans?"""

from collections.abc import Iterator
from datetime import timedelta

from contract.period import days_of_period
from stack.doctor.day_gaps import DayGap, day_gaps
from stack.doctor.facts import Facts, TerminalBooks
from stack.doctor.finding import PortFinding, Severity

LATE_DAYS = 31  # a terminal may begin in the month in which the port begins
GAPS_NAMED = 3  # in one finding; the longest ones
UNSIZED_SHARE = 0.005  # half a percent of the moves: as much as a target's shortfall may be
UNSIZED_ERROR = 0.05
TEU_OF_YEAR = "port_throughput_ytd_teu"
IMPORT = "quaymark import --history FOLDER, with the files of those days"


def empty_terminals(facts: Facts) -> Iterator[PortFinding]:
    """Yield the terminals of quaymark.toml that have no move at all."""
    for one in facts.terminals or ():
        if not one.days:
            yield PortFinding(
                Severity.ERROR,
                "terminal_empty",
                _place(one),
                "has no move in the books: the port's sums lack it",
                "quaymark import --history FOLDER, or take it out of quaymark.toml",
            )


def days_without_moves(facts: Facts) -> Iterator[PortFinding]:
    """Yield the gaps in the books of each terminal, and the terminals that fell silent."""
    for one in facts.terminals or ():
        gaps = day_gaps(one.days, facts.closed, facts.today)
        yesterday = facts.today - timedelta(1)
        if gaps and gaps[-1].last == yesterday:
            silent = gaps.pop()
            if silent.days > 1:  # the files of yesterday may come in the course of today
                yield _silent(one, silent)
        if gaps:
            yield _gaps(one, gaps)


def _silent(one: TerminalBooks, silent: DayGap) -> PortFinding:
    return PortFinding(
        Severity.ERROR,
        "terminal_silent",
        _place(one),
        f"has no move since {silent.first}: its files no longer come, or are refused",
        "quaymark rejected list; then ask the sender, and quaymark import FILES",
    )


def _gaps(one: TerminalBooks, gaps: list[DayGap]) -> PortFinding:
    longest = sorted(gaps, key=lambda gap: (-gap.days, gap.first))[:GAPS_NAMED]
    days = sum(gap.days for gap in gaps)
    more = len(gaps) - len(longest)
    return PortFinding(
        Severity.WARNING,
        "days_missing",
        _place(one),
        f"{days} days without a move: {', '.join(map(str, longest))}"
        + (f" and {more} more rows" if more else "")
        + "; its sums are too low by what happened then",
        f"{IMPORT}; days on which nobody works go into port.closed of quaymark.toml",
    )


def late_terminals(facts: Facts) -> Iterator[PortFinding]:
    """Yield the terminals whose books begin after those of the port."""
    begun = [one for one in facts.terminals or () if one.days]
    if not begun:
        return
    first = min(one.days[0] for one in begun)
    for one in begun:
        if (one.days[0] - first).days > LATE_DAYS:
            yield PortFinding(
                Severity.WARNING,
                "terminal_late",
                _place(one),
                f"its books begin on {one.days[0]}, the port's on {first}: comparisons with the "
                "time between are too high, unless the terminal opened then",
                IMPORT,
            )


def unknown_sizes(facts: Facts) -> Iterator[PortFinding]:
    """Yield the terminals that have many containers of unknown size."""
    for one in facts.terminals or ():
        share = one.unsized / one.handled if one.handled else 0.0
        if share > UNSIZED_SHARE:
            yield PortFinding(
                Severity.ERROR if share > UNSIZED_ERROR else Severity.WARNING,
                "sizes_unknown",
                _place(one),
                f"{share:.1%} of its moves over the quay have no known size ({one.unsized:,} of "
                f"{one.handled:,}): their TEU are missing",
                "quaymark rejected list --reason unknown_size; then put the sender's own words "
                "into `sizes` of its [[partner]], and import the files again",
            )


def targets_missing(facts: Facts) -> Iterator[PortFinding]:
    """Yield the port areas without a target for TEU today, and targets not in effect."""
    if facts.in_effect is None:
        return
    held = {(one.owner, one.target, one.period): one for one in facts.in_effect}
    waiting = [one for one in facts.wanted if held.get((one.owner, one.target, one.period)) != one]
    if waiting:
        yield PortFinding(
            Severity.WARNING,
            "targets_not_in_effect",
            "targets.toml",
            f"{len(waiting)} targets differ from those in effect",
            "quaymark targets apply",
        )
    for area in facts.areas:
        if not any(
            one.owner == area and one.measures == TEU_OF_YEAR and _is_running(one.period, facts)
            for one in (*facts.in_effect, *waiting)
        ):
            yield PortFinding(
                Severity.WARNING,
                "target_missing",
                f"area {area}",
                f"has no target of {TEU_OF_YEAR} for {facts.today.year}: pace, gap and alerts are "
                "empty",
                "add a [[target]] to targets.toml (docs/targets.md), then quaymark targets apply",
            )


def plans_missing(facts: Facts) -> Iterator[PortFinding]:
    """Yield the running targets of TEU that have no plan by month."""
    for one in facts.in_effect or ():
        has_plan = bool(one.monthly or one.steps)
        if one.measures == TEU_OF_YEAR and not has_plan and _is_running(one.period, facts):
            yield PortFinding(
                Severity.NOTE,
                "plan_missing",
                f"target {one.target} of {one.owner}",
                "has no plan by month: every day of the year counts as much as every other, so "
                "February seems late and autumn early",
                "add `monthly` or `steps` to it in targets.toml, then quaymark targets apply",
            )


def _is_running(period: str, facts: Facts) -> bool:
    first, end = days_of_period(period)
    return first <= facts.today < end


def _place(one: TerminalBooks) -> str:
    return f"terminal {one.terminal} of {one.area}"
