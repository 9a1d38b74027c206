"""explain: a figure taken apart to its moves, or its change to what changed it."""

from datetime import datetime
from pathlib import Path
from typing import Any, Unpack

import click

from contract.errors import StackError
from register.questions import RegisterQuestions
from register.selection import Amount, Quantity, Selection
from stack.context import CommandContext
from stack.explaining.agreement import Agreement, amount_in_books
from stack.explaining.answer_table import AnswerTable, shown
from stack.explaining.following import updated_register
from stack.verbs.figures.selecting import (
    SelectingOptions,
    hand_out,
    instant_of,
    selecting,
    selection_of,
    writing,
)


class ExplainOptions(SelectingOptions):
    """The options of `explain`, as click passes them."""

    between: tuple[str, str] | None
    as_of: str | None
    as_json: bool
    csv_file: Path | None
    xlsx_file: Path | None
    no_update: bool


@click.command(short_help="A figure taken apart to its moves, or to what changed it.")
@click.option(
    "--between",
    nargs=2,
    metavar="SINCE UNTIL",
    help="Two instants of knowledge: what changed the figure from one to the other.",
)
@click.option("--as-of", metavar="INSTANT", help="What stood then. Default: now.")
@selecting
@writing
@click.pass_obj
def explain(context: CommandContext, **options: Unpack[ExplainOptions]) -> None:
    """Say what a figure consists of, or what changed it between two instants.

    The figure is any of throughput: of an area, a terminal, a day, month or year, by move, kind,
    fill and size.  Instants are those at which the port knew: when Kafka got a record.

    Each answer says whether it equals the books.  Exits with 1 if it does not.

    Example: quaymark explain --year 2026 --between 2026-11-25T08:00 2026-11-26T08:00
    """
    if options["between"] and options["as_of"]:
        raise click.UsageError("--between and --as-of are both given: name one of them")
    book, settings = context.book(), context.settings
    selection, measure = selection_of(book, options)
    folder = updated_register(context, book, update=not options["no_update"])
    ask = RegisterQuestions(folder, book.tz)
    if options["between"]:
        instants = [instant_of(text, book.tz, "--between") for text in options["between"]]
        answer, head = _change(context, ask, (selection, measure), instants)
    else:
        at = context.now()
        if options["as_of"]:
            at = instant_of(options["as_of"], book.tz, "--as-of")
        answer, head = _content(ask, selection, measure, at)
    agreement = None
    if not options["no_update"] and selection.source is None:
        now = ask.amount(selection, measure, None)
        agreement = Agreement(now, amount_in_books(settings, selection, measure))
        head["books"], head["register"] = agreement.books, agreement.register
    if not options["as_json"]:
        for line in _said(head, measure):
            context.say(line)
    hand_out(
        context,
        answer,
        head,
        as_json=options["as_json"],
        csv_file=options["csv_file"],
        xlsx_file=options["xlsx_file"],
    )
    _close(context, head, agreement, quiet=options["as_json"])


def _change(
    context: CommandContext,
    ask: RegisterQuestions,
    of: tuple[Selection, Quantity],
    instants: list[datetime],
) -> tuple[AnswerTable, dict[str, Any]]:
    since, until = instants
    if since > until:
        raise click.UsageError(f"--between: {until} is before {since}")
    explained = ask.change(*of, since, until)
    answer = AnswerTable(
        ("cause", "terminal", "day", "source", "events", of[1].value),
        [(part.cause.value, *part[1:]) for part in explained.parts],
    )
    return answer, {
        "since": since,
        "until": until,
        "old": explained.old,
        "new": explained.new,
        "difference": explained.new - explained.old,
        "by_cause": explained.by_cause(),
        "unexplained": explained.unexplained,
    }


def _content(
    ask: RegisterQuestions, selection: Selection, measure: Quantity, at: datetime
) -> tuple[AnswerTable, dict[str, Any]]:
    rows = ask.standing(selection, measure, at)
    counted = [row for row in rows if row.state == "counted"]
    answer = AnswerTable(
        ("state", "reason", "terminal", "source", "records", measure.value),
        [tuple(row) for row in rows],
    )
    total = sum((row.amount for row in counted), Amount(0))
    return answer, {"as_of": at, "amount": total, "unexplained": Amount(0)}


def _said(head: dict[str, Any], measure: Quantity) -> list[str]:
    unit = "TEU" if measure is Quantity.TEU else "moves"
    if "old" not in head:
        return [f"{shown(head['amount'])} {unit} as of {shown(head['as_of'])}"]
    return [
        f"{shown(head['old'])} {unit} as of {shown(head['since'])}",
        f"{shown(head['new'])} {unit} as of {shown(head['until'])}",
        f"{head['difference']:+,} {unit} in between:",
        *(f"  {amount:+15,}  {cause}" for cause, amount in head["by_cause"].items()),
    ]


def _close(
    context: CommandContext, head: dict[str, Any], agreement: Agreement | None, *, quiet: bool
) -> None:
    if agreement is not None and not quiet:
        context.say(str(agreement))
    if head["unexplained"]:
        raise StackError(f"the causes leave {head['unexplained']:+,} unexplained")
    if agreement is not None and agreement.difference:
        raise StackError(str(agreement))
