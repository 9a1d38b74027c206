"""report watch: reports are issued and sent when they are due, until a signal ends it."""

import time

import click

from contract.errors import StackError
from stack.alert_receivers import read_alert_receivers
from stack.context import CommandContext
from stack.delivery.alert_bridge import AlertBridge
from stack.delivery.report_server import serve
from stack.processes.signals import queries_interrupt, signals_interrupt
from stack.reporting.issuing import Issuer
from stack.reporting.report_metrics import ReportMetrics
from stack.reporting.report_service import ReportSchedule, run_for_ever
from stack.verbs.reporting.delivery import dispatcher
from stack.verbs.reporting.issued import store_of

LOOK_SECONDS = 60.0


@click.command()
@click.pass_obj
def watch(context: CommandContext) -> None:
    """Issue and send reports when they are due, until a signal ends it.

    `quaymark up` runs it.  After downtime it issues what is missing, in order.  It also hands
    alerts from Alertmanager to the group robots of alerting.toml.

    Example: quaymark report watch
    """
    book, store, settings = context.book(), store_of(context), context.settings
    metrics, sender = ReportMetrics(), dispatcher(context)
    sender.on_fault = metrics.failed
    bridge = AlertBridge(
        read_alert_receivers(settings).alerting, lambda: context.now().timestamp()
    )
    host, port = settings.metrics_host, settings.report_metrics_port
    serve(host, port, metrics.registry, bridge, settings.http_access)
    schedule = ReportSchedule(
        book,
        Issuer(settings, book, store, context.now, context.say),
        store,
        context.now,
        context.say,
    )
    context.say(f"reports are issued into {store.root}, from {book.report.issue_at:%H:%M} on")

    def after() -> None:
        try:
            issued = store.issued()
            sender.plan(issued)
            sender.run(issued)
        except (StackError, OSError) as error:
            context.say(f"reports are not sent: {error}; it is tried again every minute")
        metrics.show(schedule, sender, context.now())

    with signals_interrupt():
        try:
            with queries_interrupt():
                sender.recover()
                run_for_ever(schedule, after, lambda: time.sleep(LOOK_SECONDS), context.say)
        except KeyboardInterrupt:
            context.say("stopped")
