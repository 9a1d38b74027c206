"""report send, test: an issued report goes to a receiver of alerting.toml by hand."""

from collections.abc import Iterable

import click

from contract.alerting import Receiver
from contract.errors import Misconfigured, StackError
from contract.reporting.issued_report import IssuedReport
from stack.alert_receivers import read_alert_receivers
from stack.context import CommandContext
from stack.delivery.dispatcher import Dispatcher, ways
from stack.verbs.reporting.issued import store_of


def dispatcher(context: CommandContext) -> Dispatcher:
    """Return what sends the reports of this folder.

    Raises:
        Misconfigured: alerting.toml has a mistake.
    """
    alerting = read_alert_receivers(context.settings).alerting
    return Dispatcher(store_of(context), alerting, context.book(), context.now, context.say)


@click.command()
@click.argument("number")
@click.option("--to", "name", required=True, help="A receiver of alerting.toml.")
@click.option("--again", is_flag=True, help="Also if it was sent, or may have been.")
@click.pass_obj
def send(context: CommandContext, number: str, name: str, again: bool) -> None:
    """Send the issued report NUMBER to a receiver now, by each of its ways.

    `quaymark up` sends what a receiver asks for with `reports`.

    Example: quaymark report send tonghai/daily/2026-11-25/1 --to port-office
    """
    receiver = _receiver(context, name)
    found = {one.number: one for one in store_of(context).issued()}
    if number not in found:
        raise Misconfigured(f"{number}: no such report here; `quaymark report list` names them")
    dispatcher(context).send(found[number], receiver, again=again)


@click.command()
@click.argument("name")
@click.pass_obj
def test(context: CommandContext, name: str) -> None:
    """Send the newest issued report, marked as a test, by each way of the receiver NAME.

    Example: quaymark report test port-office
    """
    receiver = _receiver(context, name)
    newest = _newest(store_of(context).issued())
    if newest is None:
        raise StackError("no report is issued yet: `quaymark report issue` issues one")
    dispatcher(context).test(newest, receiver)
    context.say(f"{newest.number} went to {name} by {', '.join(ways(receiver))}, as a test")


def _receiver(context: CommandContext, name: str) -> Receiver:
    path = context.settings.alerting
    receivers = read_alert_receivers(context.settings).alerting.receiver
    found = next((one for one in receivers if one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in receivers) or "none"
        raise Misconfigured(f"{name}: not a receiver of {path}: {known}")
    if not ways(found):
        raise Misconfigured(f"{path}: receiver {name} has no email, robot or folder")
    return found


def _newest(issued: Iterable[IssuedReport]) -> IssuedReport | None:
    return max(issued, key=lambda one: one.issued_at, default=None)
