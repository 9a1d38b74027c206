"""Forecasts made by the forecast's own process, the only one that imports statsmodels."""

import subprocess
import sys
from collections.abc import Iterable, Sequence

from msgspec.msgpack import decode, encode

from contract.errors import StackError
from kpis.forecast.basis import Basis
from kpis.past.history import Forecaster
from kpis.plan.progress import Outlook

FORECAST = (sys.executable, "-m", "streams.forecasts.process")
AT_ONCE = "--at-once"


def forecaster_of(bases: Iterable[Basis]) -> Forecaster | None:
    """Return all forecasts that some inputs ask for, computed at once; None without any input.

    Raises:
        StackError: the process failed.
    """
    asked = list(dict.fromkeys(bases))
    return dict(zip(asked, forecasts(asked), strict=True)).get if asked else None


def forecasts_at_once(bases: list[Basis]) -> list[Outlook | None]:
    """Return the forecast of each input as `forecasts` does, for a person who waits for it.

    Raises:
        StackError: the process failed.
    """
    return forecasts(bases, (*FORECAST, AT_ONCE))


def forecasts(bases: list[Basis], command: Sequence[str] = FORECAST) -> list[Outlook | None]:
    """Return the forecast of each input; the process gives way to all others of the machine.

    Raises:
        StackError: the process failed.
    """
    done = subprocess.run(command, input=encode(bases), capture_output=True, check=False)
    if done.returncode:
        raise StackError(f"no forecast was made: {done.stderr.decode(errors='replace')[-300:]}")
    return decode(done.stdout, type=list[Outlook | None])
