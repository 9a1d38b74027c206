"""Signals end a command in order, also where the shell had them ignored."""

import signal

import pytest

from stack.processes.signals import queries_interrupt, signals_interrupt


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_signal_interrupts_even_if_it_was_ignored_before(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_IGN)  # as a script's `&` does with SIGINT
    try:
        with pytest.raises(KeyboardInterrupt), signals_interrupt():
            signal.raise_signal(number)

        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)


def test_a_signal_during_a_query_ends_it_as_one_outside_of_a_query_does() -> None:
    with pytest.raises(KeyboardInterrupt), queries_interrupt():
        raise RuntimeError("Query interrupted")  # as DuckDB says it


def test_another_fault_than_a_signal_is_told_as_it_is() -> None:
    with pytest.raises(RuntimeError, match="odd"), queries_interrupt():
        raise RuntimeError("odd")
