"""As of when KPIs are measured: now for the live books, the newest event for a run."""

from datetime import UTC, datetime

from streams.clocks import BookClock

NOW = datetime(2026, 11, 25, tzinfo=UTC)
JUNE, JULY = datetime(2019, 6, 1, tzinfo=UTC), datetime(2019, 7, 1, tzinfo=UTC)


def test_the_live_books_are_read_as_of_now_whatever_comes() -> None:
    clock = BookClock(lambda: NOW, run="")

    clock.see(JULY)

    assert clock() == NOW


def test_a_runs_clock_is_its_newest_event_and_never_goes_back() -> None:
    clock = BookClock(lambda: NOW, run="y2019")

    assert clock() is None
    for at in (JULY, JUNE, None):
        clock.see(at)

    assert clock() == JULY
