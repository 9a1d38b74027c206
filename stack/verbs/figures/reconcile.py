"""reconcile: the statement of a terminal or a line beside the books, and why both differ."""

import math
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Unpack

import click
from msgspec.structs import replace

from contract.book import Book
from contract.errors import StackError
from register.questions import RegisterQuestions
from register.reconciliation.answer import Reconciled
from register.reconciliation.sides import ComparisonTerms
from register.selection import SummedUnit
from stack.context import CommandContext
from stack.explaining.agreement import Agreement, agreement
from stack.explaining.answer_table import AnswerTable, printable, shown
from stack.explaining.comparison import StatementReport, compared
from stack.explaining.following import asked_register, bring_on
from stack.explaining.statement_process import StatementFiles, statement_lines
from stack.verbs.figures.selecting import (
    NO_RECORD,
    WORDS,
    SelectingOptions,
    WritingOptions,
    hand_out,
    selecting,
    selection_of,
    writing,
)

MAIN = (
    *("cause", "container", "move", "amount", "our_time", "their_time", "our_size", "their_size"),
    *("our_teu", "their_teu", "our_fill", "their_fill", "theirs", "ours", "first_day", "last_day"),
    *("vessel", "voyage", "kind", "fill", "size_feet", "note", "at"),
)
"""The columns that a person sees."""
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


class ReconcileOptions(SelectingOptions, WritingOptions):
    """The options of `reconcile`, as click passes them."""

    voyage: str | None
    vessel: str | None
    window: float
    cut_off: str
    partner: str | None
    form: str | None
    sheet: str | None


@click.command(short_help="The statement of a terminal or a line beside the books.")
@click.argument("statement", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--voyage", type=WORDS, help="Compare one voyage.")
@click.option("--vessel", type=WORDS, help="Compare one ship, by its IMO number or name.")
@click.option(
    "--window",
    type=click.FloatRange(0, 720),
    default=24.0,
    show_default=True,
    metavar="HOURS",
    help="How far apart two times of one move may lie.",
)
@click.option(
    "--cut-off", default="00:00", show_default=True, metavar="HH:MM", help="When their day begins."
)
@click.option("--partner", help="Who wrote it: a [[partner]] of quaymark.toml.")
@click.option("--format", "form", help="The form of its files, as `quaymark import` names it.")
@click.option("--sheet", help="The sheet of a workbook; by default the first.")
@selecting
@writing
@click.pass_obj
def reconcile(
    context: CommandContext, statement: tuple[Path, ...], **options: Unpack[ReconcileOptions]
) -> None:
    """Compare STATEMENT with the books, and say what makes the difference.

    STATEMENT are files of moves in any form that `quaymark import` reads, or of totals: a row for
    a day, month or ship, with TEU or moves, by any of our classes.

    Exits with 0 if the causes sum to the difference, all lines could be read and our figure
    equals the books; else with 1.

    Example: quaymark reconcile august.csv --terminal THC --period 2026-08
    """
    book = context.book()
    terms = _terms(book, options)
    files = StatementFiles(statement, options["partner"], options["form"], options["sheet"])
    _refuse_overwriting(statement, options)
    wanted = SummedUnit.MOVES if options["moves"] else None
    update, found = not options["no_update"], None
    with asked_register(context, book, update=update) as folder:
        lines = statement_lines(files, context.environ)
        done, measure, report = compared(lines, folder, book, terms, wanted)
        if RegisterQuestions(folder, book.tz).known_span() == (None, None):
            report.notes.append(NO_RECORD)
        if update and _is_in_books(terms):
            of = terms.selection, measure
            found = agreement(
                context.settings,
                of,
                lambda: RegisterQuestions(folder, book.tz).amount(*of, None),
                lambda: bring_on(context, book),
            )
    if found is not None and found.register != done.ours:
        report.notes.append(
            f"our figure became {shown(found.register)} while it was compared, since moves came "
            "or were amended: compare again"
        )
    head = _head(done, report, found, measure)
    if not options["as_json"]:
        for line in _said(done, report, measure):
            context.say(printable(line))
        if found is not None:
            context.say(f"our figure {found}")
    zoned = [tuple(_in_zone(value, book) for value in row) for row in done.records]
    hand_out(context, AnswerTable(done.columns, zoned, MAIN), head, options)
    _close(done, report, found)


def _refuse_overwriting(statement: tuple[Path, ...], options: ReconcileOptions) -> None:
    for name, file in (("--csv", options["csv_file"]), ("--xlsx", options["xlsx_file"])):
        if file is not None and file.resolve() in {path.resolve() for path in statement}:
            raise click.UsageError(f"{name} {file} is the statement itself: name another file")


def _is_in_books(terms: ComparisonTerms) -> bool:
    """Whether the day snapshots have the figure: they know no ships."""
    wanted = terms.selection
    return wanted.voyage is None and wanted.vessel is None and wanted.first is not None


def _terms(book: Book, options: ReconcileOptions) -> ComparisonTerms:
    if options["terminal"] is None:
        raise click.UsageError("--terminal is missing: a statement is compared at one terminal")
    if not (options["period"] or options["voyage"] or options["vessel"]):
        raise click.UsageError("name the --period of the statement, or its --voyage or --vessel")
    if options["source"] is not None:
        raise click.UsageError("--source: a statement has no source of ours")
    clock = _CLOCK.fullmatch(options["cut_off"])
    if clock is None:
        raise click.UsageError(f"--cut-off {options['cut_off']}: expected HH:MM, such as 06:00")
    if math.isnan(options["window"]):
        raise click.UsageError("--window nan: expected a number of hours, such as 24")
    selection, _ = selection_of(book, options)
    return ComparisonTerms(
        selection=replace(selection, voyage=options["voyage"], vessel=options["vessel"]),
        window=timedelta(hours=options["window"]),
        cut_off=timedelta(hours=int(clock[1]), minutes=int(clock[2])),
    )


def _head(
    done: Reconciled, report: StatementReport, found: Agreement | None, measure: SummedUnit
) -> dict[str, Any]:
    head: dict[str, Any] = {
        "measure": measure.value,
        "theirs": done.theirs,
        "ours": done.ours,
        "difference": done.difference,
        "by_cause": {
            cause.value: {"records": one.records, "amount": one.amount}
            for cause, one in done.causes.items()
        },
        "unexplained": done.unexplained,
        "explaining": done.explaining,
        "hints": done.hints,
        "warnings": report.warnings + done.warnings,
        "unread": report.unread,
        "left_out": done.left_out,
    }
    if found is not None:
        head["books"] = found.books
    return head


def _said(done: Reconciled, report: StatementReport, measure: SummedUnit) -> list[str]:
    unit = "TEU" if measure is SummedUnit.TEU else "moves"
    lines = [
        f"{shown(done.theirs):>15}  {unit} by the statement",
        f"{shown(done.ours):>15}  {unit} by our books",
        f"{done.difference:+15,}  difference"
        + (f", by {len(done.causes)} causes:" if done.causes else ": every record is the same"),
    ]
    lines += [
        f"  {one.amount:+15,}  {cause.value} ({one.records:,})"
        for cause, one in done.causes.items()
    ]
    if done.explaining:
        lines.append(
            f"{done.explaining:,} records explain the whole difference; they come first below"
        )
    lines += [f"hint: {line}" for line in done.hints]
    lines += [f"note: {line}" for line in report.warnings + done.warnings]
    return lines


def _close(done: Reconciled, report: StatementReport, found: Agreement | None) -> None:
    if done.unexplained:
        raise StackError(f"the causes leave {done.unexplained:+,} unexplained")
    if report.unread:
        raise StackError(
            f"{report.unread:,} lines of the statement can't be read, so their figure is not whole"
        )
    if found is not None and found.difference:
        raise StackError(f"our figure {found}")


def _in_zone(value: Any, book: Book) -> Any:
    return value.astimezone(book.tz) if isinstance(value, datetime) else value
