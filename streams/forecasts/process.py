"""The process that computes forecasts, and the only one that imports statsmodels.

It reads bases from stdin and writes outlooks to stdout; with `--at-once` somebody waits for them.
"""

import os
import signal
import sys

import msgspec

from kpis.forecast.basis import Basis

__all__: list[str] = []

LIFE_SECONDS = 330  # longer than the worker waits; it ends even if the worker was killed

NICE = 10  # booking events goes first; at 19 a busy machine gives the process no time for minutes

AT_ONCE = "--at-once"


def main() -> None:
    """Read bases from stdin, write their outlooks to stdout, and end."""
    signal.alarm(LIFE_SECONDS)
    if AT_ONCE not in sys.argv:
        os.nice(NICE)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # noqa: TID251  # read when numpy is imported
    bases = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=list[Basis])
    from kpis.forecast.theta import outlook

    sys.stdout.buffer.write(msgspec.msgpack.encode([outlook(basis) for basis in bases]))


if __name__ == "__main__":
    main()
