"""report show: a day, a week or a month as a page, a workbook, a table or text."""

import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypedDict, Unpack

import click

from contract.book import Book
from contract.errors import StackError
from kpis.model.calendar import day_of
from reports.forms.figures_json import figures_json
from reports.forms.glyphs import missing, named
from reports.forms.html import html
from reports.forms.plain_text import plain_text
from reports.forms.tidy_csv import tidy_csv
from reports.forms.workbook import workbook
from reports.period import Period, ReportKind
from reports.tree import Lang, ReportTree
from stack.context import CommandContext
from stack.reporting import typesetting
from stack.reporting.report_making import ReportRequest, built, gathered

FORMS: dict[str, Callable[[ReportTree], tuple[bytes, ...]]] = {
    "text": lambda report: (plain_text(report).encode(),),
    "html": lambda report: (html(report).encode(),),
    "pdf": lambda report: (typesetting.pdf(report),),
    "png": typesetting.png,
    "xlsx": lambda report: (workbook(report),),
    "csv": lambda report: (tidy_csv(report),),
    "json": lambda report: (figures_json(report),),
}
"""Form -> the files of a report in it; PNG has one for each page."""
TYPESET = ("pdf", "png")
BINARY = (*TYPESET, "xlsx")
_ENDINGS = {".txt": "text", ".htm": "html"} | {f".{form}": form for form in FORMS}


class ShowOptions(TypedDict):
    """The options of `report show`, as click passes them."""

    day: datetime | None
    kind: str
    language: Lang
    form: str | None
    output: Path | None
    owner: tuple[str, ...]
    run: str


@click.group(short_help="Days, weeks and months as pages, workbooks and tables.")
def report() -> None:
    """Make reports from the books: as pages that people get, print and keep.

    Example: quaymark report show --form pdf -o yesterday.pdf
    """


@report.command()
@click.argument("day", type=click.DateTime(["%Y-%m-%d", "%Y-%m"]), required=False)
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in ReportKind]),
    default=ReportKind.DAILY.value,
    show_default=True,
    help="A day, the week from Monday, or the month that contains DAY.",
)
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option(
    "--form", type=click.Choice(list(FORMS)), help="Default: by the end of FILE, or else text."
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write."
)
@click.option(
    "--owner",
    multiple=True,
    help="Port area or zone, by its code; may be repeated. Default: the first area and the zone.",
)
@click.option("--run", default="", help="The books of a run, not the live ones.")
@click.pass_obj
def show(context: CommandContext, **options: Unpack[ShowOptions]) -> None:
    """Show the report of a DAY that is over (default: the newest), from the books as of now.

    It issues nothing.  Two calls with the same books give the same bytes.

    Example: quaymark report show 2026-11-25 --language en --form pdf -o page.pdf
    """
    book, output = context.book(), options["output"]
    form = options["form"] or _ENDINGS.get(output.suffix.lower() if output else "", "text")
    if form in BINARY and output is None:
        raise click.UsageError(f"--form {form} is no text: name a file with -o")
    period = _period(book, ReportKind(options["kind"]), options["day"], context.now())
    request = ReportRequest(period, options["owner"], options["run"])
    values = gathered(context.settings, book, request, _say)
    made = built(values, book, options["language"])
    if form in TYPESET and (lacking := missing(made)):
        _say(f"drawn as a box, since the fonts lack it: {', '.join(map(named, lacking))}")
    contents = FORMS[form](made)
    if output is None:
        click.get_binary_stream("stdout").write(contents[0])
        return
    for path, content in zip(_paths(output, len(contents)), contents, strict=True):
        _write(path, content)
        _say(f"{path}: {made.title}, {period.name}, {len(content):,} bytes")


def _period(book: Book, kind: ReportKind, day: datetime | None, now: datetime) -> Period:
    today: date = day_of(now, book.tz)
    if day is None:
        return Period.newest(kind, today)
    period = Period.of(kind, day.date())
    if period.last >= today:
        raise click.UsageError(
            f"{period.name} is not over before {period.last + timedelta(1)} in the port's zone; "
            f"the newest {kind} report is of {Period.newest(kind, today).name}"
        )
    return period


def _paths(output: Path, count: int) -> list[Path]:
    """The file of each page: page.png, or page-1.png and page-2.png."""
    if count == 1:
        return [output]
    return [output.with_stem(f"{output.stem}-{page}") for page in range(1, count + 1)]


def _write(path: Path, content: bytes) -> None:
    """Write a file whole: a reader never sees half of it.

    Raises:
        StackError: the folder does not exist, can't be written to, or the disk is full.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StackError(f"{path}: {error.strerror}; nothing was written") from None


def _say(line: str) -> None:
    """Say a line beside the report, which may go to stdout."""
    click.echo(line, err=True)
