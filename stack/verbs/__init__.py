"""The verbs of the command line: one module for each verb or group of verbs."""

from stack.verbs.alerts import alerts
from stack.verbs.archive import archive
from stack.verbs.backup import backup, restore
from stack.verbs.books import books
from stack.verbs.doctor import doctor
from stack.verbs.figures.explain import explain
from stack.verbs.figures.find import find
from stack.verbs.figures.reconcile import reconcile
from stack.verbs.figures.register import register
from stack.verbs.history import history
from stack.verbs.init import init
from stack.verbs.other_rooms import import_, inbox, receive, rejected, simulate, web
from stack.verbs.render import render
from stack.verbs.replay import replay
from stack.verbs.report import report
from stack.verbs.runs import runs
from stack.verbs.service import service
from stack.verbs.status import status
from stack.verbs.targets import targets
from stack.verbs.topics import topics
from stack.verbs.up import down, up
from stack.verbs.upgrade import upgrade

VERBS = (
    *(init, up, down, status, doctor, web, report),
    *(explain, find, reconcile),
    *(simulate, import_, inbox, receive, rejected, targets),
    *(books, archive, register, replay, runs, history),
    *(service, backup, restore, upgrade),
    *(alerts, render, topics),
)
"""All commands, in the order in which `quaymark --help` shows them."""

__all__ = ["VERBS"]
