"""The `rejected` commands: see what could not be counted and why, and try it again."""

from collections import Counter

import click

from contract.errors import Reason
from producers.context import ProducerContext
from producers.importing.retry import NumberedDeadLetter, Retry, letters
from producers.publish.sender import Sender

PATIENCE_SECONDS = 30.0  # a person waits at a prompt, so not for ever
LINE_CHARS = 160

only = click.option(
    "--reason", type=click.Choice([str(reason) for reason in Reason]), help="only these"
)


@click.group("rejected")
def command() -> None:
    """See what could not be counted, and try it again after the book has changed."""


@command.command("list")
@only
@click.option("--last", default=20, type=click.IntRange(1), show_default=True, help="how many")
@click.pass_obj
def list_(door: ProducerContext, reason: str | None, last: int) -> None:
    """Count dead letters by reason and show the last of them.

    Example: quaymark rejected list --reason unknown_terminal
    """
    counts: Counter[str] = Counter()
    newest: list[NumberedDeadLetter] = []

    async def read() -> None:
        async for found in letters(door.settings):
            counts[found.letter.reason] += 1
            if reason in (None, found.letter.reason):
                newest.append(found)
                del newest[:-last]

    door.run(read())
    for why, number in counts.most_common():
        click.echo(f"{number:>8,}  {why}")
    for found in newest:
        text = " ".join(found.letter.error.split())
        click.echo(f"{found.number}  {found.letter.reason}  {found.place}: {text}"[:LINE_CHARS])


@command.command("show")
@click.argument("number", type=click.IntRange(0))
@click.pass_context
def show(context: click.Context, /, number: int) -> None:
    """Show one dead letter whole, with its original bytes.

    Example: quaymark rejected show 17
    """
    door: ProducerContext = context.obj
    shown = False

    async def read() -> None:
        nonlocal shown
        async for found in letters(door.settings):
            if found.number == number:
                _show(found)
                shown = True

    door.run(read())
    if not shown:
        click.echo(
            f"there is no dead letter {number}; `quaymark rejected list` shows some", err=True
        )
        context.exit(2)


@command.command("retry")
@only
@click.pass_context
def retry(context: click.Context, /, reason: str | None) -> None:
    """Send again what the book of now would no longer refuse; what was sent before counts once.

    Start the worker anew first, so that it too knows the new book.

    Example: quaymark rejected retry --reason unknown_partner
    """
    door: ProducerContext = context.obj
    sent, still = 0, 0

    async def read() -> None:
        nonlocal sent, still
        async with Sender(door.settings, "retry", patience_seconds=PATIENCE_SECONDS) as sender:
            again = Retry(door.book, door.now(), sender.send_encoded)
            async for found in letters(door.settings):
                if reason not in (None, found.letter.reason):
                    continue
                done = await again.again(found)
                sent += done.events
                if done.refused:
                    still += 1
                    text = f"{found.number}  still refused: {found.place}: {done.refused}"
                    click.echo(text[:LINE_CHARS])

    door.run(read())
    click.echo(f"{sent:,} events sent again, {still:,} letters still refused")
    context.exit(1 if still else 0)


def _show(found: NumberedDeadLetter) -> None:
    letter = found.letter
    for name, value in (
        ("number", found.number),
        ("reason", letter.reason),
        ("error", letter.error),
        ("place", found.place),
        ("at", letter.at),
        ("attempts", letter.attempts),
        ("key", (letter.key or b"").decode("utf-8", "backslashreplace")),
    ):
        click.echo(f"{name:<9} {value}")
    for header, content in letter.headers:
        click.echo(f"header    {header}: {(content or b'').decode('utf-8', 'backslashreplace')}")
    click.echo("original:")
    click.echo((letter.value or b"").decode("utf-8", "backslashreplace"))
