"""upgrade --check: what a newer release changes for the port in this folder."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TextIO

import click

from contract.errors import StackError
from stack.context import CommandContext
from stack.service.env_file import NAME as ENV_FILE
from stack.service.env_file import read_env_file
from stack.upgrade.change_list import ChangeList, own_changes, read_changes
from stack.upgrade.concern import Concern, ConcernFound, concern
from stack.upgrade.version_notes import VersionNote, has_data, read_notes

VERSION = version("quaymark")


@click.command()
@click.option("--check", is_flag=True, required=True, help="Name the changes; nothing is updated.")
@click.option(
    "--with",
    "newer",
    type=click.File(encoding="utf-8"),
    metavar="FILE",
    help="changes.toml of a release that you do not have yet; - is standard input.",
)
@click.option(
    "--before", is_flag=True, help="Compare with the release before the one that ran last."
)
@click.pass_obj
def upgrade(context: CommandContext, check: bool, newer: TextIO | None, before: bool) -> None:
    """Name what a newer release changes for the port in this folder.

    It is compared with the release that ran here last.  Exits with 1 if there is something to read
    or to do, else with 0.

    Example: git show origin/main:changes.toml | quaymark upgrade --check --with -
    """
    changes = read_changes(newer.read(), newer.name) if newer else own_changes()
    notes = read_notes(context.folder)
    if not notes and not has_data(context.folder):
        context.say(f"nothing has run in {context.folder} yet, so nothing changes")
        return
    last = _compared(notes, before=before)
    seen = last.changes if last else ()
    if ahead := [one for one in seen if one not in changes.ids]:
        raise StackError(
            f"{last.version if last else ''} ran here and is newer: it knows {', '.join(ahead)}, "
            "which this release does not; use that one, or restore a backup of before"
        )
    context.say(_heading(last, is_newer=newer is not None))
    environ = {**context.environ, **read_env_file(Path.cwd() / ENV_FILE)}
    found = _found(context, changes, seen, environ)
    for one in found:
        for line in _lines(one):
            context.say(line)
    waiting = [one for one in found if one.concern is not Concern.NO]
    if not found:
        context.say("nothing changes")
    if waiting:
        click.get_current_context().exit(1)


def _compared(notes: list[VersionNote], *, before: bool) -> VersionNote | None:
    """Return the release to compare with; None for one that left no note."""
    if before:
        notes = notes[:-1]
    return notes[-1] if notes else None


def _heading(last: VersionNote | None, *, is_newer: bool) -> str:
    to = "the release of that file" if is_newer else f"{VERSION}, which is installed"
    if last is None:
        return f"from a release that left no note of itself to {to}: every change is listed"
    return f"from {last.version}, which ran here since {last.at:%Y-%m-%d %H:%M}, to {to}"


def _found(
    context: CommandContext, changes: ChangeList, seen: tuple[str, ...], environ: Mapping[str, str]
) -> list[ConcernFound]:
    """Return the changes that the folder has not seen, those that concern it first."""
    now = context.now().timestamp()
    found = [
        concern(change, context.settings, environ, now)
        for _, change in changes
        if change.id not in seen
    ]
    order = list(Concern)
    return sorted(found, key=lambda one: (one.concern is Concern.NO, order.index(one.concern)))


def _lines(found: ConcernFound) -> tuple[str, ...]:
    change, why = found.change, f" ({found.seen})" if found.seen else ""
    head = f"\n{change.kind}, {change.id}: {found.concern}{why}"
    if found.concern is Concern.NO:
        return (head,)
    return head, f"  {change.what}", f"  → {change.do}"
