"""Forecasts on a schedule, made by a process of its own: the count never waits for them."""

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
PATIENCE_SECONDS = 300.0  # 4 s on an idle machine; a minute on one where all are busy
AGAIN = timedelta(seconds=20)  # while a history is loaded, days close one after the other
SAID = 500  # characters of what a failed process said last

log = structlog.get_logger()

Outlooks = list[Outlook | None]


class ForecastFailed(Exception):
    """No forecast was made; says why."""


class Forecaster:
    """Asks for forecasts when they are due, and hands each to its books.

    Due are the first one, one when a day has closed since the last, one after a failure, and
    otherwise one `every` so often; none sooner than `AGAIN` after the last look.
    """

    def __init__(
        self,
        questions: Callable[[], Iterable[Question]],
        meters: WorkerMetrics,
        clock: Callable[[], datetime],
        every: timedelta,
        ask: Callable[[Sequence[Basis]], Awaitable[Outlooks]] | None = None,
    ) -> None:
        self._questions, self._meters, self._clock, self._every = questions, meters, clock, every
        self._ask = ask or by_process
        self._looked: datetime | None = None
        self._made: datetime | None = None
        self._ends: list[date] = []
        """Up to which day each of the last forecasts knew its history."""

    async def look(self) -> None:
        """Make the forecasts if they are due; a failure is logged and counted."""
        now = self._clock()
        if self._looked is not None and now - self._looked < AGAIN:
            return
        self._looked = now
        try:
            await self._make(list(self._questions()), now)
        except (ForecastFailed, OSError) as error:
            self._failed(str(error))
        except Exception:  # a door: whatever it is, it must not cost the count
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
        self._meters.forecast(now)

    def _failed(self, error: str) -> None:
        self._made = None
        self._meters.forecast_failed()
        log.warning("forecast.failed", error=error)


async def by_process(
    bases: Sequence[Basis],
    program: Sequence[str] = PROGRAM,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Outlooks:
    """The outlooks that the forecast's process gives; killed if it is late or no longer wanted.

    Raises:
        ForecastFailed: it ended badly, said nothing that can be read, or was late.
    """
    process = await asyncio.create_subprocess_exec(
        *program,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(patience_seconds):
            out, said = await process.communicate(msgspec.msgpack.encode(bases))
        if process.returncode:
            last_said = said.decode(errors="replace")[-SAID:]
            raise ForecastFailed(f"exit {process.returncode}: {last_said}")
        outlooks = msgspec.msgpack.decode(out, type=Outlooks)
        if len(outlooks) != len(bases):
            raise ForecastFailed(f"{len(outlooks)} outlooks for {len(bases)} questions")
        return outlooks
    except TimeoutError:
        raise ForecastFailed(f"not done within {patience_seconds:.0f} s") from None
    except msgspec.DecodeError as error:
        raise ForecastFailed(f"its answer can't be read: {error}") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
