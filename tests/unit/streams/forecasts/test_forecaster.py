"""When forecasts are made, who gets them, and that a failure costs nothing but the forecast."""

import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from kpis.forecast.basis import Basis, Question
from kpis.plan.progress import Outlook
from streams.forecasts.forecaster import Forecaster, ForecastFailed, by_process
from streams.metrics import WorkerMetrics

START = datetime(2026, 3, 15, 12, tzinfo=UTC)
BASIS = Basis(date(2021, 1, 1), (100.0,) * (730 + 181), date(2024, 1, 1), 18_100.0)


class ScheduledForecaster:
    """A forecaster with one question, a clock to set, and a stand-in for the process."""

    def __init__(self) -> None:
        self.now = START
        self.basis: Basis | None = BASIS
        self.answers: list[Outlook | None] = []
        self.asked = 0
        self.fails: Exception | None = None
        self.registry = CollectorRegistry()
        self.forecaster = Forecaster(
            lambda: [Question(self.basis, self.answers.append)],
            WorkerMetrics(self.registry),
            lambda: self.now,
            timedelta(minutes=15),
            self.ask,
        )

    async def ask(self, bases: Sequence[Basis]) -> list[Outlook | None]:
        self.asked += 1
        if self.fails:
            raise self.fails
        return [Outlook(float(self.asked)) for _ in bases]

    def after(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        asyncio.run(self.forecaster.check())

    def metric(self, name: str) -> float | None:
        return self.registry.get_sample_value(name)


@pytest.fixture(scope="module")
def answers() -> list[Outlook | None]:
    """Answers of one process, for its start takes two seconds, to three questions.

    They are days with a pattern, 100 a day and 120 each third one, so that smoothing has something
    to fit; then 100 a day, and 200 a day.
    """
    days = tuple(120.0 if n % 3 == 0 else 100.0 + n % 7 for n in range(730 + 181))
    twice = Basis(BASIS.first, (200.0,) * len(BASIS.days), BASIS.stop, 36_200.0)
    return asyncio.run(by_process([replace(BASIS, days=days), BASIS, twice]))


@pytest.mark.statsmodels
def test_a_forecast_with_a_band_comes_back_from_its_process(answers: list[Outlook | None]) -> None:
    found = answers[0]

    assert found is not None
    assert len(found.bounds) == 4  # two levels, two sides
    assert all(bound != found.value for *_, bound in found.bounds)


def test_the_first_forecast_is_made_at_once_and_the_next_after_its_time() -> None:
    scheduled = ScheduledForecaster()

    scheduled.after(0)
    scheduled.after(14 * 60)
    assert scheduled.answers == [Outlook(1.0)]

    scheduled.after(60)
    assert scheduled.answers == [Outlook(1.0), Outlook(2.0)]
    assert scheduled.metric("pipeline_forecast_timestamp_seconds") == START.timestamp() + 900


def test_a_closed_day_brings_a_new_forecast_but_not_at_every_check() -> None:
    scheduled = ScheduledForecaster()
    scheduled.after(0)
    scheduled.basis = Basis(BASIS.first, (*BASIS.days, 100.0), BASIS.stop, 18_200.0)

    scheduled.after(5)
    assert scheduled.asked == 1
    scheduled.after(20)
    assert scheduled.asked == 2


def test_without_enough_history_the_forecast_is_taken_back_and_nothing_started() -> None:
    scheduled = ScheduledForecaster()
    scheduled.basis = None

    scheduled.after(0)

    assert (scheduled.answers, scheduled.asked) == ([None], 0)


@pytest.mark.parametrize(
    "error", [ForecastFailed("exit 1"), OSError("no memory"), KeyError("bug")]
)
def test_after_a_failure_the_last_forecast_stands_and_it_is_tried_again(error: Exception) -> None:
    scheduled = ScheduledForecaster()
    scheduled.after(0)
    scheduled.fails = error

    scheduled.after(15 * 60)
    assert scheduled.answers == [Outlook(1.0)]
    assert scheduled.metric("pipeline_forecast_failures_total") == 1

    scheduled.fails = None
    scheduled.after(20)
    assert scheduled.answers == [Outlook(1.0), Outlook(3.0)]


@pytest.mark.statsmodels
def test_the_process_answers_in_the_order_of_the_questions(answers: list[Outlook | None]) -> None:
    one, other = answers[1:]

    assert one
    assert other
    # 365 days at 100, and at 200
    assert (one.value, other.value) == pytest.approx((36_500, 73_000))


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("import sys; sys.exit('no statsmodels here')", "exit 1: no statsmodels here"),
        ("print('hello')", "can't be read"),
        (r"import sys; sys.stdout.buffer.write(b'\x90')", "0 outlooks for 1 questions"),
        ("while True: pass", "not done within 1 s"),
    ],
    ids=["ends badly", "says something else", "answers too few", "is late"],
)
def test_a_process_that_fails_says_how(program: str, says: str) -> None:
    with pytest.raises(ForecastFailed, match=says):
        asyncio.run(by_process([BASIS], (sys.executable, "-c", program), timeout_seconds=1.0))


def test_a_process_that_is_no_longer_wanted_is_killed(tmp_path: Path) -> None:
    born = tmp_path / "born"
    program = f"import os; os.symlink(str(os.getpid()), {str(born)!r})\nwhile True: pass"

    async def stop_in_the_middle() -> None:
        asking = asyncio.create_task(by_process([BASIS], (sys.executable, "-c", program)))
        async with asyncio.timeout(20):
            while not born.is_symlink():  # noqa: ASYNC110  # a file has no event
                await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(stop_in_the_middle())

    with pytest.raises(ProcessLookupError):
        os.kill(int(os.readlink(born)), 0)
