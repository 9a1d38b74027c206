"""The verbs of the command line: one module for each verb or group of verbs."""

from importlib import import_module
from keyword import iskeyword

import click

__all__ = ["VERBS", "verb"]

VERBS = {
    "init": "init",
    "up": "up",
    "down": "up",
    "status": "status",
    "doctor": "doctor",
    "web": "other_rooms",
    "report": "report",
    "explain": "figures.explain",
    "find": "figures.find",
    "reconcile": "figures.reconcile",
    "simulate": "other_rooms",
    "import": "other_rooms",
    "inbox": "other_rooms",
    "receive": "other_rooms",
    "rejected": "other_rooms",
    "targets": "targets",
    "books": "books",
    "archive": "archive",
    "register": "figures.register",
    "replay": "replay",
    "runs": "runs",
    "history": "history",
    "service": "service",
    "backup": "backup",
    "restore": "backup",
    "upgrade": "upgrade",
    "alerts": "alerts",
    "render": "render",
    "topics": "topics",
}
"""Verb -> its module here; the order is that in which `quaymark --help` shows them."""


def verb(name: str) -> click.Command | None:
    """Return a command; None if there is no such verb.

    Only its module is imported: all of them take half a second.
    """
    if name not in VERBS:
        return None
    attribute = f"{name}_" if iskeyword(name) else name
    found = getattr(import_module(f"{__name__}.{VERBS[name]}"), attribute)
    assert isinstance(found, click.Command)
    return found
