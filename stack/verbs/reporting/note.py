"""report note: a remark of a person on a day, which the day's report shows."""

from datetime import datetime
from typing import TypedDict, Unpack

import click

from broker.connection import Connection
from contract.errors import Misconfigured
from contract.reporting.issued_report import ReportNote
from reports.forms.glyphs import boxes, lacking
from stack.context import CommandContext
from stack.processes.broker_session import running_broker
from stack.reporting import report_topics
from stack.reporting.issuing import issue_owners

LONGEST_NAME, LONGEST_TEXT = 64, 1000


class NoteOptions(TypedDict):
    """The options of `report note`, as click passes them."""

    day: datetime
    text: str
    by: str
    about: str
    english: str
    owner: str | None


@click.command()
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.argument("text")
@click.option("--by", required=True, help="Who says it.")
@click.option("--about", default="remark", show_default=True, help="An alert, a berth, a ship …")
@click.option("--english", default="", help="The same in English.")
@click.option("--owner", help="Port area or zone, by its code. Default: the first.")
@click.pass_obj
def note(context: CommandContext, **options: Unpack[NoteOptions]) -> None:
    """Remark TEXT on a DAY: reports of that day that are not issued yet show it.

    Of two remarks about one thing on one day the newer counts; an empty TEXT takes it back.

    Example: quaymark report note 2026-11-25 "台风停工 6 小时" --by 王芳 --about typhoon
    """
    owners = dict(issue_owners(context.book()))
    owner = options["owner"] or next(iter(owners))
    if owner not in owners:
        raise Misconfigured(f"--owner {owner}: no reports are issued of it: {', '.join(owners)}")
    for name, text, most in (
        ("--by", options["by"], LONGEST_NAME),
        ("--about", options["about"], LONGEST_NAME),
        ("TEXT", options["text"], LONGEST_TEXT),
        ("--english", options["english"], LONGEST_TEXT),
    ):
        if len(text) > most:
            raise click.UsageError(f"{name} has {len(text)} characters, expected at most {most}")
    if not options["by"].strip() or not options["about"].strip():
        raise click.UsageError("--by and --about must not be empty")
    remark = ReportNote(
        owner,
        options["day"].date(),
        options["about"],
        options["by"],
        context.now(),
        options["text"],
        options["english"],
    )
    with running_broker(context.settings, context.say):
        connection = Connection.of(context.settings)
        before = report_topics.notes(connection).get(remark.key)
        report_topics.write_notes(connection, [remark])
    if before:
        context.say(f"replaced: {before.text} ({before.by})")
    done = "noted" if remark.text else "taken back"
    if found := lacking(remark.text + remark.english + remark.by):
        context.say(boxes(found))
    context.say(f"{done}: {owner}, {remark.on}, {remark.about}")
