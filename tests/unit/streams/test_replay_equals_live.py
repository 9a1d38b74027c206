"""Same events: in any order within lateness, in any batches, on any workers, the same readings.

With the real ledgers and books, and lists in place of Kafka's topics (see `stages`).
"""

import random
from contextlib import ExitStack
from datetime import UTC, datetime
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from contract.snapshots import PastReading
from kpis.past.history import InstantSpan
from ledger import journal, move_ledger
from tests.unit.kpis.builders import seconds
from tests.unit.ledger.records import topic
from tests.unit.ledger.recount import recount
from tests.unit.streams.happenings import Said, counting, histories
from tests.unit.streams.stages import Figures, arrivals
from tests.unit.streams.two_stages import TwoStages, quiet

AT = datetime(2019, 3, 15, 4, tzinfo=UTC)
"""All that counts has happened by then, and arrived."""
TURN = InstantSpan(seconds("2018-12-31 00:00"), seconds("2019-01-03 12:00"))


@settings(max_examples=40)
@given(histories(), st.integers(0, 1 << 32), st.integers(1, 3))
def test_any_order_any_batches_and_any_workers_give_the_same_readings(
    said: list[Said], seed: int, workers: int
) -> None:
    chance = random.Random(seed)
    live = quiet(arrivals(said, random.Random(0)))

    replay = TwoStages(chance, workers)
    with ExitStack() as small:
        small.enter_context(patch.object(move_ledger, "SEGMENT", 12))
        small.enter_context(patch.object(move_ledger, "SLOTS", 4))
        small.enter_context(patch.object(journal, "PLAIN_BELOW", 6))
        replay.live(arrivals(said, chance))

    assert differing(replay.figures(AT), live.figures(AT)) == []
    assert differing(replay.figures(None), live.figures(None)) == []  # by a run's own clock
    assert year_to_date(replay.figures(AT)) == recounted(said)


@settings(max_examples=8)
@given(histories(), st.integers(0, 1 << 32))
def test_and_the_same_readings_of_past_days(said: list[Said], seed: int) -> None:
    chance = random.Random(seed)
    live = quiet(arrivals(said, random.Random(0)))

    replay = TwoStages(chance, 3)
    replay.live(arrivals(said, chance))

    assert rounded(replay.past(TURN)) == rounded(live.past(TURN))


def differing(found: Figures, expected: Figures) -> list[object]:
    names = sorted(found.keys() | expected.keys())
    return [
        (name, found.get(name), expected.get(name))
        for name in names
        if found.get(name) != expected.get(name)
    ]


def rounded(past: dict[bytes, PastReading]) -> dict[bytes, float]:
    return {key: round(reading.value, 6) for key, reading in past.items()}


def year_to_date(figures: Figures) -> dict[tuple[str, str], float]:
    """Year and terminal -> TEU, zeros left out."""
    return {
        (labels[1], labels[2]): teu
        for (series, labels), teu in figures.items()
        if series == "port_throughput_ytd_teu" and teu
    }


def recounted(said: list[Said]) -> dict[tuple[str, str], float]:
    """The same from a plain recount of the events that did not come too late."""
    hundredths: dict[tuple[str, str], int] = {}
    for (code, on), (_, hours, _) in recount(topic(counting(said))).items():
        at = on[:4], code
        hundredths[at] = hundredths.get(at, 0) + sum(hours)
    return {at: teu / 100 for at, teu in hundredths.items() if teu}
