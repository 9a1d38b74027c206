"""explain: a figure taken apart to its moves, or its change to what changed it."""

from datetime import datetime
from typing import Any, Unpack
from zoneinfo import ZoneInfo

import click

from contract.errors import StackError
from register.questions import RegisterQuestions
from register.selection import Amount, Selection, SummedUnit
from stack.context import CommandContext
from stack.explaining.agreement import Agreement, agreement
from stack.explaining.answer_table import AnswerTable, shown
from stack.explaining.following import asked_register, bring_on
from stack.explaining.record_table import OF_A_CHANGE, fetched_records
from stack.verbs.figures.selecting import (
    NO_RECORD,
    SelectingOptions,
    WritingOptions,
    hand_out,
    instant_of,
    selecting,
    selection_of,
    writing,
)


class ExplainOptions(SelectingOptions, WritingOptions):
    """The options of `explain`, as click passes them."""

    between: tuple[str, str] | None
    as_of: str | None
    records: bool


@click.command(short_help="A figure taken apart to its moves, or to what changed it.")
@click.option(
    "--between",
    nargs=2,
    metavar="SINCE UNTIL",
    help="Two instants of knowledge: what changed the figure from one to the other.",
)
@click.option("--as-of", metavar="INSTANT", help="What stood then. Default: now.")
@click.option("--records", is_flag=True, help="The records themselves, not their sums.")
@selecting
@writing
@click.pass_obj
def explain(context: CommandContext, **options: Unpack[ExplainOptions]) -> None:
    """Say what a figure consists of, or what changed it between two instants.

    The figure is any of throughput: of an area, a terminal, a day, month or year, by move, kind,
    fill and size.  Instants are those at which the port knew: when Kafka got a record.

    Each answer says whether it equals the books now.  Exits with 1 if it does not, or if the
    causes do not sum to the difference.

    Example: quaymark explain --year 2026 --between 2026-11-25T08:00 2026-11-26T08:00
    """
    if options["between"] and options["as_of"]:
        raise click.UsageError("--between and --as-of are both given: name one of them")
    book = context.book()
    of = selection_of(book, options)
    between = [instant_of(context, text, "--between") for text in options["between"] or ()]
    as_of = instant_of(context, options["as_of"], "--as-of") if options["as_of"] else None
    if between and between[0] > between[1]:
        raise click.UsageError(f"--between: {between[1]} is before {between[0]}")
    update, found = not options["no_update"], None
    with asked_register(context, book, update=update) as folder:
        if update and of[0].source is None:  # the books know no source
            found = agreement(
                context.settings,
                of,
                lambda: RegisterQuestions(folder, book.tz).amount(*of, None),
                lambda: bring_on(context, book),
            )
        ask = RegisterQuestions(folder, book.tz)  # once it agrees, so that both say the same
        first, last = ask.known_span()
        at = as_of or _now(context, last)
        answer, head = _change(ask, of, between) if between else _content(ask, of, at)
        if options["records"]:
            answer = _records(ask, of, between or [at], answer, book.tz)
        if note := _before_the_register(first, min([at, *between]), book.tz):
            head["note"] = note
        if found is not None:
            head["books"], head["register"] = found.books, found.register
    if not options["as_json"]:
        for line in _said(head, of[1]):
            context.say(line)
    hand_out(context, answer, head, options)
    _close(context, head, found, quiet=options["as_json"])


def _now(context: CommandContext, last: datetime | None) -> datetime:
    """Return the present as of which all of a register stands, of which `last` came last.

    A record may have come at a later time than it is here: clocks of two machines differ.
    """
    now = context.now()
    return (now if last is None else max(now, last)).astimezone(context.book().tz)


def _before_the_register(first: datetime | None, at: datetime, zone: ZoneInfo) -> str:
    """Return what is said of an instant at which nothing was known; "" of any other.

    `first` is when Kafka got the first record of the register.
    """
    if first is None:
        return NO_RECORD
    if first <= at:
        return ""
    begins = shown(first.astimezone(zone))
    return f"nothing was known at {shown(at)}: Kafka got the first record at {begins}"


def _change(
    ask: RegisterQuestions,
    of: tuple[Selection, SummedUnit],
    instants: list[datetime],
) -> tuple[AnswerTable, dict[str, Any]]:
    since, until = instants
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
    ask: RegisterQuestions, of: tuple[Selection, SummedUnit], at: datetime
) -> tuple[AnswerTable, dict[str, Any]]:
    rows = ask.standing(*of, at)
    counted = [row for row in rows if row.state == "counted"]
    answer = AnswerTable(
        ("state", "reason", "terminal", "source", "records", of[1].value),
        [tuple(row) for row in rows],
    )
    total = sum((row.amount for row in counted), Amount(0))
    return answer, {"as_of": at, "amount": total, "unexplained": Amount(0)}


def _records(
    ask: RegisterQuestions,
    of: tuple[Selection, SummedUnit],
    instants: list[datetime],
    sums: AnswerTable,
    zone: ZoneInfo,
) -> AnswerTable:
    """Return the records of which an answer tells the sums, and the number as its last but one."""
    number = sum(row[-2] for row in sums.rows)
    if len(instants) == 1:
        return fetched_records(
            number, lambda most: ask.each_standing_record(of[0], instants[0], most), zone
        )
    since, until = instants
    return fetched_records(
        number, lambda most: ask.each_changed_record(of, since, until, most), zone, OF_A_CHANGE
    )


def _said(head: dict[str, Any], measure: SummedUnit) -> list[str]:
    unit = "TEU" if measure is SummedUnit.TEU else "moves"
    note = [head["note"]] if "note" in head else []
    if "old" not in head:
        return [*note, f"{shown(head['amount'])} {unit} as of {shown(head['as_of'])}"]
    return [
        *note,
        f"{shown(head['old'])} {unit} as of {shown(head['since'])}",
        f"{shown(head['new'])} {unit} as of {shown(head['until'])}",
        f"{head['difference']:+,} {unit} in between:",
        *(f"  {amount:+15,}  {cause}" for cause, amount in head["by_cause"].items()),
    ]


def _close(
    context: CommandContext, head: dict[str, Any], found: Agreement | None, *, quiet: bool
) -> None:
    if head["unexplained"]:
        raise StackError(f"the causes leave {head['unexplained']:+,} unexplained")
    if found is not None and found.difference:
        raise StackError(str(found))
    if found is not None and not quiet:
        context.say(str(found))
