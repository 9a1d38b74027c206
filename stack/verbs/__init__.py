"""The command line's verbs, a module a group."""

from stack.verbs.alerts import alerts
from stack.verbs.archive import archive
from stack.verbs.books import books
from stack.verbs.history import history
from stack.verbs.producers import import_, rejected, simulate
from stack.verbs.render import render, topics
from stack.verbs.replay import replay
from stack.verbs.runs import runs
from stack.verbs.targets import targets
from stack.verbs.up import down, status, up

VERBS = (
    *(up, down, status),
    *(simulate, import_, rejected, targets),
    *(books, archive, replay, runs, history),
    *(alerts, render, topics),
)
"""All commands, in the order in which `quaymark --help` shows them."""

__all__ = ["VERBS"]
