"""report watch: reports are issued when they are due, until a signal ends it."""

import time

import click

from stack.context import CommandContext
from stack.processes.signals import signals_interrupt
from stack.reporting.issuing import Issuer
from stack.reporting.report_metrics import ReportMetrics
from stack.reporting.report_service import ReportSchedule, run_for_ever
from stack.verbs.reporting.issued import store_of

LOOK_SECONDS = 60.0


@click.command()
@click.pass_obj
def watch(context: CommandContext) -> None:
    """Issue reports when they are due, as [report] of quaymark.toml says, until a signal ends it.

    `quaymark up` runs it.  After downtime it issues what is missing, in order.

    Example: quaymark report watch
    """
    book, store, settings = context.book(), store_of(context), context.settings
    metrics = ReportMetrics()
    metrics.serve(settings.metrics_host, settings.report_metrics_port)
    issuer = Issuer(settings, book, store, context.now)
    schedule = ReportSchedule(book, issuer, store, context.now, context.say)
    context.say(f"reports are issued into {store.root}, from {book.report.issue_at:%H:%M} on")
    with signals_interrupt():
        try:
            run_for_ever(
                schedule,
                lambda: metrics.show(schedule),
                lambda: time.sleep(LOOK_SECONDS),
                context.say,
            )
        except KeyboardInterrupt:
            context.say("stopped")
