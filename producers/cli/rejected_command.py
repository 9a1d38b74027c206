"""The `rejected` commands: list, show and send again what could not be counted."""

from collections import Counter

import click

from contract.errors import Reason
from producers.context import ProducerContext
from producers.importing.retry import NumberedDeadLetter, Retry, dead_letters
from producers.publish.sender import Sender

PATIENCE_SECONDS = 30.0  # a person waits at the prompt for the broker
LINE_CHARS = 160

only = click.option(
    "--reason",
    type=click.Choice([str(reason) for reason in Reason]),
    help="only dead letters of this reason",
)


@click.group("rejected")
def command() -> None:
    """See what could not be counted, and send it again after the book has changed."""


@command.command("list")
@only
@click.option(
    "--last", default=20, type=click.IntRange(1), show_default=True, help="how many of them"
)
@click.pass_obj
def list_(producer: ProducerContext, reason: str | None, last: int) -> None:
    """Count dead letters by reason and show the last of them.

    Example: quaymark rejected list --reason unknown_terminal
    """
    counts: Counter[str] = Counter()
    newest: list[NumberedDeadLetter] = []

    async def read() -> None:
        async for found in dead_letters(producer.settings):
            counts[found.dead_letter.reason] += 1
            if reason in (None, found.dead_letter.reason):
                newest.append(found)
                del newest[:-last]

    producer.run(read())
    for why, number in counts.most_common():
        click.echo(f"{number:>8,}  {why}")
    for found in newest:
        text = " ".join(found.dead_letter.error.split())
        click.echo(
            f"{found.number}  {found.dead_letter.reason}  {found.place}: {text}"[:LINE_CHARS]
        )


@command.command("show")
@click.argument("number", type=click.IntRange(0))
@click.pass_context
def show(context: click.Context, /, number: int) -> None:
    """Show one dead letter in full, with its original bytes.

    Example: quaymark rejected show 17
    """
    producer: ProducerContext = context.obj
    shown = False

    async def read() -> None:
        nonlocal shown
        async for found in dead_letters(producer.settings):
            if found.number == number:
                _show(found)
                shown = True

    producer.run(read())
    if not shown:
        click.echo(
            f"there is no dead letter {number}; `quaymark rejected list` shows some", err=True
        )
        context.exit(2)


@command.command("retry")
@only
@click.pass_context
def retry(context: click.Context, /, reason: str | None) -> None:
    """Send again what the present book no longer refuses; what was sent before counts once.

    Restart the worker first, so that it knows the present book, too.

    Example: quaymark rejected retry --reason unknown_partner
    """
    producer: ProducerContext = context.obj
    sent, still = 0, 0

    async def read() -> None:
        nonlocal sent, still
        async with Sender(producer.settings, "retry", patience_seconds=PATIENCE_SECONDS) as sender:
            again = Retry(producer.book, producer.now(), sender.send_encoded)
            async for found in dead_letters(producer.settings):
                if reason not in (None, found.dead_letter.reason):
                    continue
                done = await again.again(found)
                sent += done.events
                if done.refused:
                    still += 1
                    text = f"{found.number}  still refused: {found.place}: {done.refused}"
                    click.echo(text[:LINE_CHARS])

    producer.run(read())
    click.echo(f"{sent:,} events sent again, {still:,} dead letters still refused")
    context.exit(1 if still else 0)


def _show(found: NumberedDeadLetter) -> None:
    dead_letter = found.dead_letter
    for name, value in (
        ("number", found.number),
        ("reason", dead_letter.reason),
        ("error", dead_letter.error),
        ("place", found.place),
        ("at", dead_letter.at),
        ("attempts", dead_letter.attempts),
        ("key", (dead_letter.key or b"").decode("utf-8", "backslashreplace")),
    ):
        click.echo(f"{name:<9} {value}")
    for header, content in dead_letter.headers:
        click.echo(f"header    {header}: {(content or b'').decode('utf-8', 'backslashreplace')}")
    click.echo("original:")
    click.echo((dead_letter.value or b"").decode("utf-8", "backslashreplace"))
