"""The forecaster: it has forecasts computed on a schedule, by a process that delays no event."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date, datetime, timedelta

import msgspec
import structlog

from kpis.forecast.basis import Basis, Question
from kpis.plan.progress import Outlook
from streams.metrics import WorkerMetrics

__all__ = ["ForecastFailed", "Forecaster", "by_process"]

PROGRAM = (sys.executable, "-m", "streams.forecasts.process")
TIMEOUT_SECONDS = 300.0  # 4 s on an idle machine; a minute on a busy one
PAUSE = timedelta(seconds=20)  # while history is loaded, days close one after the other
QUOTED = 500  # characters of a failed process's last output

log = structlog.get_logger()

Outlooks = list[Outlook | None]


class ForecastFailed(Exception):
    """No forecast was made; the message says why."""


class Forecaster:
    """Has forecasts computed when they are due, and hands each one to its books.

    Forecasts are due at the start, when a day has closed since the last ones, after a failure, and
    otherwise after the interval `every`; never sooner than `PAUSE` after the last check.
    """

    def __init__(
        self,
        questions: Callable[[], Iterable[Question]],
        metrics: WorkerMetrics,
        clock: Callable[[], datetime],
        every: timedelta,
        ask: Callable[[Sequence[Basis]], Awaitable[Outlooks]] | None = None,
    ) -> None:
        self._questions, self._metrics, self._clock, self._every = questions, metrics, clock, every
        self._ask = ask or by_process
        self._checked: datetime | None = None
        self._made: datetime | None = None
        self._ends: list[date] = []
        """The last day of the history of each of the last forecasts."""

    async def check(self) -> None:
        """Make the forecasts if they are due; a failure is logged and counted."""
        now = self._clock()
        if self._checked is not None and now - self._checked < PAUSE:
            return
        self._checked = now
        try:
            await self._make(list(self._questions()), now)
        except (ForecastFailed, OSError) as error:
            self._failed(str(error))
        except Exception:  # any error: a failed forecast must not stop the booking of events
            log.exception("forecast.broken")
            self._failed("a bug")

    async def _make(self, asked: list[Question], now: datetime) -> None:
        bases = [one.basis for one in asked if one.basis]
        for one in asked:
            if one.basis is None:
                one.answer(None)
        ends = [basis.end for basis in bases]
        fresh = self._made is not None and now - self._made < self._every
        if not bases or (fresh and ends == self._ends):
            return
        outlooks = await self._ask(bases)
        for one, outlook in zip((one for one in asked if one.basis), outlooks, strict=True):
            one.answer(outlook)
        self._made, self._ends = now, ends
        self._metrics.forecast(now)

    def _failed(self, error: str) -> None:
        self._made = None
        self._metrics.forecast_failed()
        log.warning("forecast.failed", error=error)


async def by_process(
    bases: Sequence[Basis],
    program: Sequence[str] = PROGRAM,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Outlooks:
    """Return the outlooks that the process computes; it is killed after a timeout or cancellation.

    Raises:
        ForecastFailed: the process failed, its output can't be read, or it took too long.
    """
    process = await asyncio.create_subprocess_exec(
        *program,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(timeout_seconds):
            output, errors = await process.communicate(msgspec.msgpack.encode(bases))
        if process.returncode:
            last_lines = errors.decode(errors="replace")[-QUOTED:]
            raise ForecastFailed(f"exit {process.returncode}: {last_lines}")
        outlooks = msgspec.msgpack.decode(output, type=Outlooks)
        if len(outlooks) != len(bases):
            raise ForecastFailed(f"{len(outlooks)} outlooks for {len(bases)} questions")
        return outlooks
    except TimeoutError:
        raise ForecastFailed(f"not done within {timeout_seconds:.0f} s") from None
    except msgspec.DecodeError as error:
        raise ForecastFailed(f"its answer can't be read: {error}") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
