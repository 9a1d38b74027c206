"""init: the files that describe a port of one's own are written, by questions, flags or files."""

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

import click
import msgspec
from msgspec.structs import replace

from contract.errors import Misconfigured
from contract.evidence.file_evidence import FileEvidence
from stack.context import CommandContext
from stack.setup.description import (
    NO_EVIDENCE,
    DescriptionFlags,
    PortDescription,
    unused_terminals,
)
from stack.setup.file_reading import dry_run, evidence_of
from stack.setup.goals import alerting, targets
from stack.setup.placement import put, refuse_present
from stack.setup.port_files import NAMES, PortFiles
from stack.setup.proposals import with_habits
from stack.setup.questions import AskedQuestions, ProposedAnswers, Questions

F = TypeVar("F", bound=Callable[..., Any])
_PATH = click.Path(path_type=Path)


def _flags(command: F) -> F:
    """Add the options that describe the port."""
    for option in reversed(
        (
            click.option("--place", metavar="UN/LOCODE", help="The port, such as CNNTG."),
            click.option("--time-zone", metavar="ZONE", help="Such as Asia/Shanghai."),
            click.option(
                "--teu-by", type=click.Choice(["china", "eurostat"]), default="china",
                show_default=True, help="How boxes become TEU: 45 ft = 2.25, or by groups.",
            ),
            click.option(
                "--area", "areas", multiple=True, metavar="CODE=NAME|中文",
                help="A port area; may be repeated.",
            ),
            click.option(
                "--terminal", "terminals", multiple=True, metavar="[AREA/]CODE=NAME|中文",
                help="A terminal; may be repeated.",
            ),
            click.option("--zone", metavar="CODE=NAME|中文", help="A development zone."),
            click.option("--cluster", "clusters", multiple=True, metavar="CODE=NAME|中文"),
            click.option(
                "--functional-area", "functional_areas", multiple=True, metavar="CODE=NAME|中文"
            ),
            click.option("--park", "parks", multiple=True, metavar="CODE=NAME|中文"),
            click.option(
                "--rate", "rates", multiple=True, metavar="CURRENCY=CNY[@DAY]",
                help="CNY for one unit from a day on, for amounts in other currencies.",
            ),
            click.option("--teu", metavar="N", help="The year's target of the first area."),
            click.option("--year", type=click.IntRange(2000, 2200), help="The year of --teu."),
            click.option(
                "--monthly", metavar="S,S,…", help="The plan of --teu: 12 shares; else a line."
            ),
            click.option("--email", metavar="TO", help="Who gets alerts by e-mail."),
            click.option("--email-from", metavar="FROM", help="Their sender."),
            click.option("--smtp", metavar="HOST:PORT", help="The mail server for them."),
            click.option("--webhook", metavar="URL", help="Where alerts are posted."),
            click.option("--kafka", metavar="HOST:PORT", help="A Kafka of yours, if any."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


@click.command()
@click.argument("folder", default=".", type=_PATH)
@click.option(
    "--from", "sources", multiple=True, type=_PATH, metavar="FILES",
    help="A file or folder of the port's own: what it shows is proposed; may be repeated.",
)  # fmt: skip
@click.option("--yes", is_flag=True, help="Ask nothing: take every proposal.")
@_flags
@click.pass_obj
def init(
    context: CommandContext, /, folder: Path, sources: tuple[Path, ...], yes: bool, **flags: Any
) -> None:
    """Write the files that describe a port of your own.

    quaymark.toml, targets.toml, alerting.toml and .env go into FOLDER, by default this one.  It
    asks in a terminal; in a script, or with --yes, flags and --from answer.  Nothing that is there
    is overwritten.  `quaymark up` in that folder starts with empty books.

    Example: quaymark init ../our-port --from files/
    """
    refuse_present(folder, NAMES)
    asks = not yes and at_a_terminal()
    questions: Questions = AskedQuestions() if asks else ProposedAnswers()
    seen = NO_EVIDENCE
    if sources:
        seen = evidence_of(sources, context.environ)
        _say_files(seen, context)
    given = cast(DescriptionFlags, flags)
    description = PortDescription(given, seen, questions)
    book = description.book(context.now())
    year = flags["year"] or context.now().astimezone(ZoneInfo(book.port.time_zone)).year
    try:
        files = PortFiles(
            book,
            year,
            targets(given, questions, book, year),
            alerting(given, questions),
            flags["kafka"] or "",
            description.evidence,
        )
    except (ValueError, msgspec.ValidationError) as error:
        raise Misconfigured(str(error)) from None
    if sources:
        for code, sighting in unused_terminals(seen, book).items():
            context.say(f"  terminal {code} is not described, its moves are refused: {sighting}")
        files = _by_habits(files, sources, context, questions)
    put(folder, files.texts(), files.check)
    context.say(
        f"\nwritten in {folder}: {', '.join(NAMES)}\n"
        "Read them, then start with empty books:  "
        f"cd {shlex.quote(str(folder))} && quaymark up"
    )


def at_a_terminal() -> bool:
    """Return whether a person can answer questions."""
    return sys.stdin.isatty()


def _say_files(seen: FileEvidence, context: CommandContext) -> None:
    """Say how many files were read, and which show nothing."""
    context.say(f"{seen.files:,} files read, {len(seen.senders)} senders of moves")
    for file, why in list(seen.unread.items())[:10]:
        context.say(f"  {file}: {why}")
    if len(seen.unread) > 10:
        context.say(f"  … and {len(seen.unread) - 10:,} more that show nothing")


def _by_habits(
    files: PortFiles, sources: tuple[Path, ...], context: CommandContext, questions: Questions
) -> PortFiles:
    """Import the files for a try, adapt the profiles to their senders' habits, say what counts."""
    summary = dry_run(files.book_text(), sources, context.environ)
    partners, evidence = [], dict(files.evidence)
    for partner in files.book.partner:
        fitted, lines = with_habits(partner, summary["habits"].get(f"/edifact/{partner.name}", {}))
        for line in lines:
            context.say(f"  {partner.name}: {line}")
        if lines and questions.confirm(f"Add this to {partner.name}?", proposal=True):
            evidence[partner.name] = (*evidence.get(partner.name, ()), *lines)
            partner = fitted
        partners.append(partner)
    if tuple(partners) != files.book.partner:
        files = replace(
            files, book=replace(files.book, partner=tuple(partners)), evidence=evidence
        )
        summary = dry_run(files.book_text(), sources, context.environ)
    refused = {why: n for why, n in summary["rejected"].items() if why != "total"}
    context.say(
        f"By this description {summary['moves']:,} moves and {summary['teu']:,.2f} TEU of these "
        f"files count; {summary['rejected']['total']:,} of {summary['records']:,} records are "
        f"refused{_reasons(refused)}"
    )
    return files


def _reasons(refused: dict[str, int]) -> str:
    found = ", ".join(f"{why} {number:,}" for why, number in sorted(refused.items()))
    return f" ({found}): `quaymark import --dry-run` names each" if found else ""
