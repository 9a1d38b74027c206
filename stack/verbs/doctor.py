"""doctor: what is missing before a board can be believed, each with the command that mends it."""

from pathlib import Path

import click
import msgspec

from contract.errors import QuaymarkError
from stack.context import CommandContext
from stack.doctor.diagnosis import Verdict, findings, verdict
from stack.doctor.finding import PortFinding
from stack.doctor.gatherer import gather


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--backup",
    "backups",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder of the backups; by default the one that the service makes them in.",
)
@click.pass_obj
def doctor(context: CommandContext, as_json: bool, backups: Path | None) -> None:
    """Say what is missing before a board can be believed.

    Each finding has the command that mends it.  Looked at are the books, targets, topics, clocks,
    disk, ports, versions, workers, Prometheus, refused events and backups.  Nothing is changed but
    a topic of its own, which is deleted again.
    Exit code 0: all is well; 1: something was found; 2: something could not be looked at.

    Example: quaymark doctor --json
    """
    try:
        facts = gather(context, backups)
    except QuaymarkError as error:
        click.echo(f"error: {error}", err=True)
        click.get_current_context().exit(Verdict.NOT_SEEN)
    found = findings(facts)
    code = verdict(facts, found)
    if as_json:
        answer = {"exit": int(code), "findings": found, "not_seen": facts.not_seen}
        context.say(msgspec.json.format(msgspec.json.encode(answer)).decode())
    else:
        for one in found:
            for line in _lines(one):
                context.say(line)
        for what in facts.not_seen:
            context.say(f"could not be looked at: {what}")
        context.say(_end(found, code))
    click.get_current_context().exit(code)


def _lines(one: PortFinding) -> tuple[str, str]:
    return f"{one.severity}, {one.check}: {one.where}: {one.what}", f"  → {one.mend}"


def _end(found: list[PortFinding], code: Verdict) -> str:
    if code is Verdict.WELL:
        return "all is well: the boards can be believed"
    by_severity = [one.severity for one in found]
    counts = ", ".join(
        f"{by_severity.count(each)} {each}{'s' * (by_severity.count(each) != 1)}"
        for each in dict.fromkeys(by_severity)
    )
    return f"found: {counts or 'nothing'}"
