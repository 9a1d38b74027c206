"""find: every record that is known of a container, a ship, a voyage or an event."""

from collections.abc import Callable
from typing import Any, TypeVar, Unpack

import click

from register.questions import RegisterQuestions
from stack.context import CommandContext
from stack.explaining.following import asked_register
from stack.explaining.record_table import fetched_records, record_table
from stack.verbs.figures.selecting import NO_RECORD, WORDS, WritingOptions, hand_out, writing

MOST_AT_ONCE = 2_000
"""Records in memory, some 6 MB; more are fetched as they are written."""
_Command = TypeVar("_Command", bound=Callable[..., Any])


class FindOptions(WritingOptions):
    """The options of `find`, as click passes them."""

    by: str


def _by(what: str, says: str, *, default: bool = False) -> Callable[[_Command], _Command]:
    """Return the flag by which a command is told what is sought."""
    name = "--" + what.replace("_", "-")
    return click.option(name, "by", flag_value=what, default=default, help=says)


@click.command(short_help="Every record of a container, a ship, a voyage or an event.")
@click.argument("sought", type=WORDS)
@_by("container", "SOUGHT is a container number. This is the default.", default=True)
@_by("vessel", "SOUGHT is a ship, by name or IMO number.")
@_by("voyage", "SOUGHT is a voyage.")
@_by("document", "SOUGHT is the number of a document.")
@_by("event_id", "SOUGHT is the id of an event.")
@writing
@click.pass_obj
def find(context: CommandContext, sought: str, **options: Unpack[FindOptions]) -> None:
    """Show every record that is known of SOUGHT, in the order in which it happened.

    A record that stands has no `known_to`; one that a greater record replaced names the instant.
    A record that was refused says why, and where it lies.

    Example: quaymark find --vessel "EVER GIVEN"
    """
    book, by = context.book(), options["by"]
    with asked_register(context, book, update=not options["no_update"]) as folder:
        ask = RegisterQuestions(folder, book.tz)
        found = ask.find(by, sought, MOST_AT_ONCE + 1)
        first, _ = ask.known_span()
    if len(found) > MOST_AT_ONCE:
        number, standing = ask.number_found(by, sought)
        answer = fetched_records(number, lambda most: ask.each_found(by, sought, most), book.tz)
    else:
        number = len(found)
        standing = sum(row["known_to"] is None and row["state"] == "counted" for row in found)
        answer = record_table(found, book.tz)
    if not options["as_json"]:
        what = by.replace("_", " ")
        if found:
            context.say(
                f"{number:,} records of {what} {sought}, of which {standing:,} count now; "
                f"times are those of {book.tz}"
            )
        else:
            context.say(NO_RECORD if first is None else f"no record of {what} {sought} is known")
    hand_out(context, answer, {by: sought}, options)
