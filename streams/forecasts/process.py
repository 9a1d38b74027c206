"""The forecast's own process: bases in, outlooks out; the only one that imports statsmodels."""

import os
import signal
import sys

import msgspec

from kpis.forecast.basis import Basis

__all__: list[str] = []

LIFE_SECONDS = 330  # longer than the worker waits: it ends even if the worker is gone

LATER = 10  # the count goes first; at 19 a machine that is busy for minutes gives it nothing


def main() -> None:
    """Answer what stands on stdin, and end."""
    signal.alarm(LIFE_SECONDS)
    os.nice(LATER)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # noqa: TID251  # read when numpy is imported
    bases = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=list[Basis])
    from kpis.forecast.theta import outlook

    sys.stdout.buffer.write(msgspec.msgpack.encode([outlook(basis) for basis in bases]))


if __name__ == "__main__":
    main()
