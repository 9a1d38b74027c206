"""Signals that stop a command in order, as Ctrl-C does."""

import contextlib
import signal
from collections.abc import Iterator

QUERY_INTERRUPTED = "Query interrupted"
"""The message of DuckDB where a signal came during a query."""


@contextlib.contextmanager
def queries_interrupt() -> Iterator[None]:
    """A signal that came during a query of DuckDB ends the block as one outside of a query does.

    DuckDB raises a RuntimeError then, which would end a command with a traceback.
    """
    try:
        yield
    except RuntimeError as error:
        if str(error) == QUERY_INTERRUPTED:
            raise KeyboardInterrupt from None
        raise


@contextlib.contextmanager
def signals_interrupt() -> Iterator[None]:
    """SIGTERM (`down`) and SIGHUP (the terminal closed) end a command as SIGINT (Ctrl-C) does.

    SIGINT is named, too: a script that starts a command with `&` starts it with SIGINT ignored.
    """
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
