"""A change is told by its causes as an oracle tells them that knows the rules alone."""

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from register.questions import RegisterQuestions
from register.selection import Selection, SummedUnit
from register.store import RegisterStore
from tests.unit.ledger.records import BOOK
from tests.unit.register.history_oracle import (
    DAY,
    SIZES,
    Cell,
    KnownVersion,
    MoveRecord,
    RandomHistory,
    day_of,
    standing,
    versions,
)

NEW_YEAR = date(2026, 1, 1)


def registered(folder: Path, history: RandomHistory, random: Random) -> None:
    """Take the history in increments of any size, each by a process that knows nothing yet."""
    left = {number: [one.raw() for one in came] for number, came in history.arrivals.items()}
    while any(left.values()):
        sizes = {number: random.choice((0, 7, 20, 40)) for number in left}
        part = {number: came[: sizes[number]] for number, came in left.items()}
        left = {number: came[sizes[number] :] for number, came in left.items()}
        RegisterStore(folder, BOOK).add({number: came for number, came in part.items() if came})


def amount(report: MoveRecord, selection: Selection, measure: SummedUnit) -> Decimal:
    """What a record adds to a figure."""
    is_selected = (
        report.is_counted
        and (report.move in ("LOAD", "DISC") if selection.move is None else report.move == "GTIN")
        and selection.terminal in (None, report.terminal)
        and selection.kind in (None, report.kind)
        and selection.fill in (None, report.fill or "unknown")
        and selection.size_feet in (None, SIZES[report.size][0])
        and selection.source in (None, report.source)
        and (selection.first is None or selection.first <= report.day)
        and (selection.last is None or report.day <= selection.last)
    )
    return Decimal(0) if not is_selected else report.teu if measure == "teu" else Decimal(1)


def changed(
    known: list[KnownVersion], since: int, until: int, selection: Selection, measure: SummedUnit
) -> dict[Cell, tuple[int, Decimal]]:
    """Cause, terminal, day and source -> how many events, and what they add."""
    before, after = standing(known, since), standing(known, until)
    parts: dict[Cell, list[Decimal]] = defaultdict(list)

    def add(cause: str, report: MoveRecord, part: Decimal) -> None:
        parts[cause, report.terminal, report.day, report.source].append(part)

    for key, new in after.items():
        old = before.get(key)
        if old is new:
            continue
        was = old.report if old is not None and old.report.is_counted else None
        now = new.report if new.report.is_counted else None
        less = amount(was, selection, measure) if was else Decimal(0)
        more = amount(now, selection, measure) if now else Decimal(0)
        if was and now and (was.terminal, was.day) == (now.terminal, now.day):
            is_learnt = SIZES[was.size][0] == "unknown" != SIZES[now.size][0]
            if less or more:
                add("size_learnt" if is_learnt else "amended", now, more - less)
        elif was and now:
            for report, part in ((was, -less), (now, more)):
                if part:
                    add("moved", report, part)
        elif was and less:
            is_gone = new.report.withdraws or new.report.is_retracted
            add("retracted" if is_gone else "no_longer_counted", was, -less)
        elif now and more:
            cause = "late" if now.day < day_of(since) else "new"
            add("retried" if new.arrival.sent_again_at else cause, now, more)
    return {cell: (len(of), sum(of, Decimal(0))) for cell, of in parts.items()}


def any_selection(random: Random) -> Selection:
    pick = random.choice
    days = pick(((None, None), (NEW_YEAR, NEW_YEAR), (NEW_YEAR, date(2026, 12, 31))))
    return Selection(
        terminal=pick((None, None, "THE", "THC")),
        move=pick((None, None, "GTIN")),
        kind=pick((None, None, None, "restow", "transhipment")),
        fill=pick((None, None, None, "LADEN", "unknown")),
        size_feet=pick((None, None, None, "20", "45", "unknown")),
        source=pick((None, None, "/a/THE")),
        first=days[0],
        last=days[1],
    )


@pytest.mark.parametrize("seed", range(8))
def test_each_cause_has_the_events_and_the_amount_of_the_oracle(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    history = RandomHistory(random, size=60)
    known = versions(history.arrivals)
    registered(tmp_path, history, random)
    ask = RegisterQuestions(tmp_path, BOOK.tz)
    instants = sorted({one.known_from for one in known})

    refused = ask.standing_records(
        Selection(state="refused"), datetime.fromtimestamp(instants[-1] / 1000, UTC)
    )
    wanted = [one for one in known if one.refused and one.report.move != "GTIN"]
    assert {(row["partition"], row["offset"], row["reason"]) for row in refused} == {
        (one.partition, one.arrival.offset, one.refused) for one in wanted
    }
    for _ in range(6):
        at = [random.choice(instants) + random.choice((-1, 0, 1, DAY)) for _ in range(2)]
        since, until = sorted(at)
        selection, measure = any_selection(random), random.choice(list(SummedUnit))
        found = ask.change(
            selection,
            measure,
            *(datetime.fromtimestamp(one / 1000, UTC) for one in (since, until)),
        )
        for total, moment in ((found.old, since), (found.new, until)):
            stood = standing(known, moment).values()
            assert total == sum(amount(one.report, selection, measure) for one in stood)
        parts = {
            (part.cause.value, part.terminal, part.on, part.source): (part.events, part.amount)
            for part in found.parts
        }
        assert parts == changed(known, since, until, selection, measure)
