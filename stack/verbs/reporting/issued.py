"""report issue, list, verify, rebuild: reports are frozen, named, checked and made again."""

from datetime import datetime
from pathlib import Path
from typing import TypedDict, Unpack

import click

from broker.connection import Connection
from contract.errors import Misconfigured, StackError
from contract.reporting.issued_report import BY_HAND, IssuedReport
from contract.wire import encode
from reports.issuing.due import DueReport
from reports.issuing.packed_values import unpacked
from reports.period import ReportKind
from stack.context import CommandContext
from stack.processes.broker_session import running_broker
from stack.reporting import report_topics
from stack.reporting.issuing import Issuer, issue_before, issue_owners
from stack.reporting.report_files import digests, fonts_digest, report_files
from stack.reporting.report_making import built
from stack.reporting.report_store import ReportStore
from stack.verbs.reporting.asked_period import asked_period, day_argument, kind_option


class IssueOptions(TypedDict):
    """The options of `report issue`, as click passes them."""

    day: datetime | None
    kind: str
    owner: str | None
    provisional: bool
    again: bool


def store_of(context: CommandContext) -> ReportStore:
    """Return the folder of issued reports."""
    return ReportStore(Path(context.settings.reports_folder).absolute())


@click.command()
@day_argument
@kind_option
@click.option("--owner", help="Port area or zone, by its code. Default: the first.")
@click.option("--provisional", is_flag=True, help="Also if the last day is not whole yet.")
@click.option("--again", is_flag=True, help="A new edition of a report that is issued already.")
@click.pass_obj
def issue(context: CommandContext, **options: Unpack[IssueOptions]) -> None:
    """Issue the report of a DAY that is over (default: the newest): freeze it, and record it.

    `quaymark up` issues reports by itself, as [report] of quaymark.toml says.

    Example: quaymark report issue 2026-11-25
    """
    book, store = context.book(), store_of(context)
    period = asked_period(book, ReportKind(options["kind"]), options["day"], context.now())
    owners = dict(issue_owners(book))
    owner = options["owner"] or next(iter(owners))
    if owner not in owners:
        raise Misconfigured(f"--owner {owner}: no reports are issued of it: {', '.join(owners)}")
    issuer = Issuer(context.settings, book, store, context.now, context.say)
    with running_broker(context.settings, context.say), store.owned():
        known = issuer.recover()
        same = [
            one
            for one in known.values()
            if (one.owner, one.kind, one.period) == (owner, period.kind, period.name)
        ]
        newest = max(same, key=lambda one: one.edition, default=None)
        if newest and not options["again"]:
            raise StackError(
                f"{newest.number} is issued already, at {newest.issued_at:%Y-%m-%d %H:%M}; "
                "--again issues a new edition, and keeps the old one"
            )
        held = issuer.held()
        before = issue_before(known.values(), owner, period)
        values = issuer.values(owners[owner], period, held, before)
        if values is None:
            raise StackError(f"the books hold nothing of {owner} up to {period.last}")
        if not issuer.is_whole(values, held) and not options["provisional"]:
            why = built(values, book, "en").warning or "Events wait that are not booked yet."
            raise StackError(f"{why} --provisional issues it all the same")
        edition = newest.edition + 1 if newest else 1
        report = issuer.issue(DueReport(owner, period, edition, True), values, held, BY_HAND)
    context.say(f"{report.number} issued: {store.folder_of(report)}")


@click.command("list")
@click.option("--kind", type=click.Choice([kind.value for kind in ReportKind]))
@click.option("--owner", help="Port area or zone, by its code.")
@click.pass_obj
def list_(context: CommandContext, kind: str | None, owner: str | None) -> None:
    """List the issued reports, the newest last: number, when, by what, and what became of it.

    Example: quaymark report list --kind monthly
    """
    store = store_of(context)
    with running_broker(context.settings, context.say):
        found = report_topics.recorded_reports(Connection.of(context.settings))
    found |= {one.number: one for one in store.issued()}
    editions = {(one.owner, one.kind, one.period): 0 for one in found.values()}
    for one in found.values():
        key = one.owner, one.kind, one.period
        editions[key] = max(editions[key], one.edition)
    shown = [
        one
        for one in sorted(found.values(), key=lambda one: (one.last, one.issued_at))
        if kind in (None, one.kind) and owner in (None, one.owner)
    ]
    for one in shown:
        newest = editions[one.owner, one.kind, one.period]
        state = "provisional" if one.provisional else "whole"
        if newest > one.edition:
            state += f", superseded by edition {newest}"
        if not store.folder_of(one).exists():
            state += ", files lost (`quaymark report rebuild`)"
        context.say(f"{one.number:36} {one.issued_at:%Y-%m-%d %H:%M}  {one.by:8}  {state}")
    if not shown:
        context.say("no report is issued: `quaymark report issue`, or wait for `quaymark up`")


@click.command()
@click.argument("number", required=False)
@click.pass_obj
def verify(context: CommandContext, number: str | None) -> None:
    """Compare the files of issued reports with their digests, and with the records in Kafka.

    Exits with 1 if a file differs or is gone.

    Example: quaymark report verify tonghai/daily/2026-11-25/1
    """
    store = store_of(context)
    with running_broker(context.settings, context.say):
        reports = _chosen(_recorded(context), number)
    faults = []
    for one in reports:
        faults += store.faults(one)
        if store.folder_of(one).exists() and store.record(one) != encode(one):
            faults.append(f"{one.number}: figures.json is not the record in Kafka")
    for fault in faults:
        context.say(fault)
    files = sum(len(one.files) for one in reports)
    if faults:
        raise StackError(f"{len(faults)} of {files} files are not as they were issued")
    context.say(f"{len(reports)} reports with {files} files are as they were issued")


@click.command()
@click.argument("number", required=False)
@click.pass_obj
def rebuild(context: CommandContext, number: str | None) -> None:
    """Make the files of issued reports again from their records, where they are lost or damaged.

    The same version of the program makes the same bytes.  Files that differ are named, and the
    command exits with 1.  A damaged folder is kept in .set-aside.

    Example: quaymark report rebuild
    """
    book, store, made, differing = context.book(), store_of(context), 0, list[str]()
    with running_broker(context.settings, context.say), store.owned():
        for one in _chosen(_recorded(context), number):
            place = store.folder_of(one)
            if place.exists() and not store.faults(one):
                continue
            if place.exists():
                aside = store.set_aside(one, f"{context.now():%Y%m%dT%H%M%S}")
                context.say(f"{one.number}: the damaged files are kept in {aside}")
            try:
                values = unpacked(one.values)
            except ValueError as error:
                raise StackError(f"{one.number}: {error}: use version {one.version}") from None
            languages = tuple(book.report.languages)
            files = report_files(values, book, languages)
            store.put(one, files)
            made += 1
            context.say(f"{one.number} made again: {place}")
            if set(digests(files)) != set(one.files):
                differing.append(one.number)
                context.say(f"  its bytes differ from those issued, {_why(one)}")
    context.say(f"{made} reports made again")
    if differing:
        raise StackError(f"{len(differing)} of them have other bytes than those issued")


def _recorded(context: CommandContext) -> dict[str, IssuedReport]:
    return report_topics.recorded_reports(Connection.of(context.settings), whole=True)


def _chosen(found: dict[str, IssuedReport], number: str | None) -> list[IssuedReport]:
    if number is None:
        return list(found.values())
    if number not in found:
        raise Misconfigured(f"{number}: no such report; `quaymark report list` names them")
    return [found[number]]


def _why(report: IssuedReport) -> str:
    """Why a report made again has other bytes."""
    if report.fonts != fonts_digest():
        return "since the fonts are others"
    return f"which version {report.version} made; or the port's book or languages changed"
