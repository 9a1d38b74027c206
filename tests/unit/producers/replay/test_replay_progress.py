"""What a replay tells of itself: the day of history, events, events a second."""

from datetime import date
from io import StringIO

from rich.console import Console
from structlog.testing import capture_logs

from producers.replay.replay_progress import progress
from producers.replay.run import ReplayNotice

JULY_1, JULY_2 = date(2019, 7, 1), date(2019, 7, 2)


def test_on_a_terminal_a_bar_shows_day_events_and_rate() -> None:
    """7,000 events in two seconds are 3,500 a second."""
    page, seconds = StringIO(), [0.0]

    with (
        progress(Console(file=page, force_terminal=True, width=80), lambda: seconds[0]) as told,
        capture_logs() as logged,
    ):
        seconds[0] = 1.0
        told(ReplayNotice(JULY_1, 4000))
        seconds[0] = 2.0
        told(ReplayNotice(JULY_2, 3000))

    last = [line for line in page.getvalue().splitlines() if "events" in line][-1]
    assert "2019-07-02" in last
    assert "7,000 events" in last
    assert "3,500/s" in last
    assert logged == []


def test_elsewhere_a_record_is_logged_every_two_seconds() -> None:
    page, seconds = StringIO(), [0.0]

    with progress(Console(file=page), lambda: seconds[0]) as told, capture_logs() as logged:
        for second in (1.0, 2.5, 3.0, 4.5):
            seconds[0] = second
            told(ReplayNotice(JULY_1, 1000))

    assert page.getvalue() == ""
    assert [(one["event"], one["day"], one["sent"], one["rate"]) for one in logged] == [
        ("replay.progressed", "2019-07-01", 2000, 800),  # 2,000 in 2.5 s
        ("replay.progressed", "2019-07-01", 4000, 889),  # 4,000 in 4.5 s
    ]
