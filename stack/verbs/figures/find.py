"""find: every record that is known of a container, a ship, a voyage or an event."""

from pathlib import Path
from typing import TypedDict, Unpack

import click

from register.questions import FOUND_BY, RegisterQuestions
from stack.context import CommandContext
from stack.explaining.answer_table import AnswerTable
from stack.explaining.following import updated_register
from stack.verbs.figures.selecting import hand_out, writing

COLUMNS = (
    *("event_time", "move", "terminal", "container", "size_feet", "fill", "vessel_name", "voyage"),
    *("teu", "state", "reason", "known_from", "known_to", "recorded_time", "source", "event_id"),
    *("partition", "offset", "error"),
)


class FindOptions(TypedDict):
    """The options of `find`, as click passes them."""

    by: str
    as_json: bool
    csv_file: Path | None
    xlsx_file: Path | None
    no_update: bool


@click.command(short_help="Every record of a container, a ship, a voyage or an event.")
@click.argument("sought")
@click.option(
    "--by",
    type=click.Choice(list(FOUND_BY)),
    default="container",
    show_default=True,
    help="What SOUGHT is.",
)
@writing
@click.pass_obj
def find(context: CommandContext, sought: str, **options: Unpack[FindOptions]) -> None:
    """Show every record that is known of SOUGHT, in the order in which it happened.

    A record that stands has no `known_to`; one that a greater record replaced names the instant.

    Example: quaymark find CSQU3054383
    """
    book, by = context.book(), options["by"]
    folder = updated_register(context, book, update=not options["no_update"])
    found = RegisterQuestions(folder, book.tz).find(by, sought)
    answer = AnswerTable(COLUMNS, [tuple(row[name] for name in COLUMNS) for row in found])
    if not options["as_json"]:
        standing = sum(row["known_to"] is None and row["state"] == "counted" for row in found)
        context.say(f"{len(found):,} records of {by} {sought}; {standing:,} of them count now")
    hand_out(
        context,
        answer,
        {by: sought},
        as_json=options["as_json"],
        csv_file=options["csv_file"],
        xlsx_file=options["xlsx_file"],
    )
