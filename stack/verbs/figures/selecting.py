"""What explain and find share: the options that select moves, and the files of an answer."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypedDict, TypeVar

import click

from contract.book import Book
from contract.errors import StackError
from contract.period import days_named
from ledger.equipment import BANDS
from register.selection import Selection, SummedUnit
from stack.context import CommandContext
from stack.explaining.answer_table import AnswerTable, shown

MOVES = {"load": "LOAD", "discharge": "DISC", "in": "GTIN", "out": "GTOT"}
AT_THE_GATE = ("in", "out")
"""They are counted in moves: no TEU of throughput."""


class _Words(click.ParamType):
    """A text that is not blank; bytes of a terminal that are not UTF-8 can't be compared."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not value.strip():
            self.fail("it is empty", param, ctx)
        try:
            value.encode()
        except UnicodeEncodeError:
            self.fail(f"{value!a} is not UTF-8", param, ctx)
        return value


NO_RECORD = (
    "the register holds no record: Kafka has got none, or `quaymark register update` has not read "
    "it yet"
)
WORDS = _Words()
_FILE = click.Path(dir_okay=False, path_type=Path)
_Command = TypeVar("_Command", bound=Callable[..., Any])


class SelectingOptions(TypedDict):
    """The options that select moves, as click passes them."""

    area: str | None
    terminal: str | None
    period: str | None
    move: str | None
    kind: str | None
    fill: str | None
    size: str | None
    source: str | None
    moves: bool


class WritingOptions(TypedDict):
    """The options of `writing`, as click passes them."""

    as_json: bool
    csv_file: Path | None
    xlsx_file: Path | None
    no_update: bool


def _one_period(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> str | None:
    """Return the only period of a command; of two, one would be left out of the answer unseen."""
    if len(given) > 1:
        raise click.UsageError(
            f"--period, --year and --on name one period, and {' and '.join(given)} are given"
        )
    return given[0] if given else None


def selecting(command: _Command) -> _Command:
    """Give a command the options that select moves."""
    for option in reversed(
        (
            click.option("--area", help="Port area, by its code."),
            click.option("--terminal", help="Terminal, by its code or an alias."),
            click.option(
                *("--period", "--year", "--on", "period"),
                multiple=True,
                callback=_one_period,
                metavar="2026|2026-Q3|2026-08|2026-08-23",
                help="Days on which the moves happened. Default: all.",
            ),
            click.option(
                "--move", type=click.Choice(list(MOVES)), help="Default: loads and discharges."
            ),
            click.option("--kind", type=click.Choice(["normal", "transhipment", "restow"])),
            click.option("--fill", type=click.Choice(["laden", "empty", "unknown"])),
            click.option("--size", type=click.Choice(BANDS), help="Length in feet."),
            click.option("--source", type=WORDS, help="Who reported it, as `find` shows it."),
            click.option(
                "--moves", is_flag=True, help="Count moves, not TEU; gate moves always are."
            ),
        )
    ):
        command = option(command)
    return command


def writing(command: _Command) -> _Command:
    """Give a command the options that write its answer to files."""
    for option in reversed(
        (
            click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON."),
            click.option("--csv", "csv_file", type=_FILE, help="Write all lines to a CSV file."),
            click.option("--xlsx", "xlsx_file", type=_FILE, help="Write all to a workbook."),
            click.option(
                "--no-update", is_flag=True, help="Ask the register as it is, without Kafka."
            ),
        )
    ):
        command = option(command)
    return command


def selection_of(book: Book, options: SelectingOptions) -> tuple[Selection, SummedUnit]:
    """Return which moves the options select, and what is summed.

    Raises:
        click.UsageError: there is no such area, terminal or period.
    """
    area, terminal, first, last = options["area"], options["terminal"], None, None
    if area is not None and area not in {one.code for one in book.area}:
        known = ", ".join(sorted(one.code for one in book.area))
        raise click.UsageError(f"--area {area} is none of this port; known: {known}")
    if terminal is not None:
        code = book.terminal_codes.get(terminal)
        if code is None:
            known = ", ".join(sorted(set(book.terminal_codes.values())))
            raise click.UsageError(f"--terminal {terminal} is none of this port; known: {known}")
        terminal = code
    if (period := options["period"]) is not None:
        try:
            first, last = days_named(period)
        except ValueError as error:
            raise click.UsageError(f"--period {error}") from None
    move, fill = options["move"], options["fill"]
    selection = Selection(
        area=area,
        terminal=terminal,
        move=MOVES[move] if move else None,
        kind=options["kind"],
        fill=fill if fill in (None, "unknown") else fill.upper(),
        size_feet=options["size"],
        source=options["source"],
        first=first,
        last=last,
    )
    by_moves = options["moves"] or move in AT_THE_GATE
    return selection, SummedUnit.MOVES if by_moves else SummedUnit.TEU


def instant_of(context: CommandContext, text: str, option: str) -> datetime:
    """Return an instant of the past; one without an offset is in the port's time zone.

    Raises:
        click.UsageError: it can't be read, or is still to come.
    """
    zone = context.book().tz
    try:
        at = datetime.fromisoformat(text)
        at = at if at.tzinfo else at.replace(tzinfo=zone)
        at.astimezone(zone)
    except (ValueError, OverflowError):  # the latter of an instant before the year 1
        raise click.UsageError(
            f"{option} {text}: no instant; write it as 2026-11-25T08:00"
        ) from None
    if at > (now := context.now()):
        raise click.UsageError(
            f"{option} {text} is in the future: nobody knows yet what stands then; "
            f"it is {shown(now.astimezone(zone))} now"
        )
    return at


def hand_out(
    context: CommandContext,
    answer: AnswerTable,
    head: dict[str, Any],
    options: WritingOptions,
) -> None:
    """Print an answer, and write it to the files that are named.

    Raises:
        StackError: a file can't be written, or a workbook does not take so many rows.
    """
    csv_file, xlsx_file = options["csv_file"], options["xlsx_file"]
    try:
        if csv_file is not None:
            with csv_file.open("wb") as file:
                answer.write_csv(file)
        if xlsx_file is not None:
            xlsx_file.write_bytes(answer.as_workbook())
    except OSError as error:
        raise StackError(f"{error.filename or csv_file or xlsx_file}: {error.strerror}") from None
    if options["as_json"]:
        sys.stdout.writelines(part.decode() for part in answer.json_parts(head))
    else:
        answer.show(context.console)
