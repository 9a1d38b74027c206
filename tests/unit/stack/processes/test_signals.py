"""Signals end a command in order, also where the shell had them ignored."""

import signal

import pytest

from stack.processes.signals import signals_interrupt


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_signal_interrupts_even_if_it_was_ignored_before(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_IGN)  # as a script's `&` does with SIGINT
    try:
        with pytest.raises(KeyboardInterrupt), signals_interrupt():
            signal.raise_signal(number)

        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)
