"""report: a day, a week or a month as a page, a workbook, a table or text; its subcommands."""

from datetime import datetime
from pathlib import Path
from typing import TypedDict, Unpack

import click

from reports.forms.glyphs import boxes, missing
from reports.period import ReportKind
from reports.tree import Lang
from stack.context import CommandContext
from stack.reporting.output_file import write_whole
from stack.reporting.report_files import FORMS
from stack.reporting.report_making import ReportRequest, built, gathered
from stack.verbs.reporting.asked_period import asked_period, day_argument, kind_option
from stack.verbs.reporting.delivery import send, test
from stack.verbs.reporting.form import form
from stack.verbs.reporting.issued import issue, list_, rebuild, verify
from stack.verbs.reporting.note import note
from stack.verbs.reporting.watch import watch

TYPESET = ("pdf", "png", "chat")
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
@day_argument
@kind_option
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
    period = asked_period(book, ReportKind(options["kind"]), options["day"], context.now())
    request = ReportRequest(period, options["owner"], options["run"])
    values = gathered(context.settings, book, request, context.now(), _say)
    made = built(values, book, options["language"])
    if form in TYPESET and (found := missing(made)):
        _say(boxes(found))
    contents = FORMS[form](made)
    if output is None:
        click.get_binary_stream("stdout").write(contents[0])
        return
    for path, content in zip(_paths(output, len(contents)), contents, strict=True):
        write_whole(path, content)
        _say(f"{path}: {made.title}, {period.name}, {len(content):,} bytes")


def _paths(output: Path, count: int) -> list[Path]:
    """The file of each page: page.png, or page-1.png and page-2.png."""
    if count == 1:
        return [output]
    return [output.with_stem(f"{output.stem}-{page}") for page in range(1, count + 1)]


def _say(line: str) -> None:
    """Say a line beside the report, which may go to stdout."""
    click.echo(line, err=True)


for command in (issue, list_, verify, rebuild, form, note, send, test, watch):
    report.add_command(command)
