"""report form: a month's figures in the cells of the user's own template, by a mapping file."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TypedDict, Unpack

import click

from contract.errors import Misconfigured, StackError
from reports.period import ReportKind
from reports.statutory.form_cell import FormCell, cell_ranges
from reports.statutory.form_filling import filled
from reports.statutory.form_mapping import read_mapping
from reports.statutory.form_values import CellValue, UnknownCell
from stack.context import CommandContext, text_of
from stack.reporting.form_making import form_area, measured_form
from stack.reporting.output_file import write_whole
from stack.verbs.reporting.asked_period import asked_period

_FILE = click.Path(dir_okay=False, path_type=Path)
MOST_BYTES = 20 << 20
"""The largest template; a form has some ten KiB."""


class FormOptions(TypedDict):
    """The options of `report form`, as click passes them."""

    month: datetime | None
    template: Path
    mapping: Path
    output: Path | None
    owner: str | None
    run: str
    provisional: bool


@click.command()
@click.argument("month", type=click.DateTime(["%Y-%m", "%Y-%m-%d"]), required=False)
@click.option("--template", type=_FILE, required=True, help="The form's own workbook, .xlsx.")
@click.option("--mapping", type=_FILE, required=True, help="Which cell holds which figure, .toml.")
@click.option("-o", "--output", type=_FILE, help="Default: the template's name and the month.")
@click.option("--owner", help="Port area, by its code. Default: the first.")
@click.option("--run", default="", help="The books of a run, not the live ones.")
@click.option("--provisional", is_flag=True, help="Also if the last day is not whole yet.")
@click.pass_obj
def form(context: CommandContext, **options: Unpack[FormOptions]) -> None:
    """Fill the form of a MONTH that is over (default: the newest) into a template.

    A cell that the books do not know stays empty, gets a yellow ground and is listed.

    Example: quaymark report form 2026-10 --template form10.xlsx --mapping form10.toml
    """
    book, template = context.book(), options["template"]
    area = form_area(book, options["owner"])
    period = asked_period(book, ReportKind.MONTHLY, options["month"], context.now())
    output = options["output"] or Path(f"{template.stem}-{period.name}.xlsx")
    if output.absolute() == template.absolute():
        raise click.UsageError(f"-o {output} is the template itself, expected another file")
    mapping = str(options["mapping"])
    cells = read_mapping(
        text_of(mapping, "--mapping"), mapping, [one.code for one in area.terminal]
    )
    content = _template(template)
    made = measured_form(context.settings, book, area, period, options["run"], context.say)
    if made.warning and not options["provisional"]:
        raise StackError(f"{made.warning} --provisional fills the form all the same")
    values: dict[FormCell, CellValue] = {cell: made.values.value(cell) for cell in cells}
    result = filled(content, str(template), values, period.span.after)
    write_whole(output, result.content)
    empty = _by_reason(values)
    count = sum(map(len, empty.values()))
    context.say(f"{output}: {period.name}, {len(cells) - count} cells filled, {count} left empty")
    for why, places in empty.items():
        context.say(f"  {cell_ranges(places)}: {why}")
    for remark in (made.warning, *made.values.remarks()):
        if remark:
            context.say(f"note: {remark}")
    if result.lost:
        context.say(f"note: {output} lacks what {template} has: {', '.join(result.lost)}")


def _template(path: Path) -> bytes:
    """The bytes of a template.

    Raises:
        Misconfigured: it can't be read, or is too large for a form.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Misconfigured(f"{path}: has more than 20 MiB, expected the template of a form")
        return path.read_bytes()
    except OSError as error:
        raise Misconfigured(
            f"{path}: {error.strerror}; --template names the form's own workbook"
        ) from None


def _by_reason(values: Mapping[FormCell, CellValue]) -> dict[str, list[FormCell]]:
    """Reason -> the cells that stay empty for it."""
    found: dict[str, list[FormCell]] = {}
    for cell, value in values.items():
        if isinstance(value, UnknownCell):
            found.setdefault(value.why, []).append(cell)
    return found
