"""Reports of periods that are over, made from what the books hold now."""

from datetime import date, datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from broker.connection import Connection
from contract.book import Area, Book, Zone
from contract.errors import Misconfigured, StackError
from contract.settings import Settings
from contract.topics import MOVES
from kpis.past.all_owners import PastOfOwners
from reports.measuring.report_values import Owners, ReportMeasuring
from reports.pages.report_builder import ReportBuilder
from reports.period import Period
from reports.tree import Lang, ReportTree
from reports.values import ReportValues
from stack.backfill.prometheus_api import Prometheus
from stack.backfill.snapshot_reader import read_past
from stack.context import Say
from stack.forecast_process import forecasts_at_once
from stack.processes.broker_session import running_broker
from stack.reporting import report_topics
from stack.reporting.fired_alerts import fired_alerts
from stack.reporting.partner_month import PartnersAsked, partners_of_month


class ReportRequest(Struct, frozen=True):
    """What a report is about: its period, and the codes of its owners (none stands for all)."""

    period: Period
    owners: tuple[str, ...] = ()
    run: str = ""


def gathered(
    settings: Settings, book: Book, request: ReportRequest, now: datetime, say: Say
) -> ReportValues:
    """Return the values of a report, read from the books of this moment.

    Raises:
        StackError: there is no broker, or the books hold nothing of the period.
        Misconfigured: an owner is not in the port's book.
    """
    owners = chosen(book, request.owners)
    with running_broker(settings, say):
        connection = Connection.of(settings)
        ends = report_topics.raw_ends(connection).get(MOVES.name, ())
        past = read_past(connection, book, request.run)
    alerts = None
    if not request.run:
        alerts = fired_alerts(Prometheus(settings.prometheus), book, request.period)
    values = ReportMeasuring(book, past, request.period, forecasts_at_once).values(owners, alerts)
    _refuse_empty(values, past, request.period)
    if values.port and not request.run:  # a run's records are no partner's
        folder = Path(settings.register_folder)
        asked = PartnersAsked(values.owner, request.period, ends, now)
        partners = partners_of_month(folder, book, asked, say)
        return replace(values, partners=partners)
    return values


def built(values: ReportValues, book: Book, lang: Lang) -> ReportTree:
    """Return a report in one language."""
    return ReportBuilder(values, lang, book.zone.clusters if book.zone else {}).report()


def chosen(book: Book, codes: tuple[str, ...]) -> Owners:
    """Return the owners of a report: those that were named, or the first area and the zone.

    Raises:
        Misconfigured: a code is in no book, or two port areas are named.
    """
    areas = {area.code: area for area in book.area}
    known = book.owners
    if unknown := [code for code in codes if code not in known]:
        raise Misconfigured(
            f"--owner {unknown[0]}: not in the port's book, expected one of {', '.join(known)}"
        )
    named = [areas[code] for code in codes if code in areas]
    if len(named) > 1:
        raise Misconfigured(
            f"--owner: {len(named)} port areas, expected one; make a report of each"
        )
    if not codes:
        return Owners(book.area[0] if book.area else None, book.zone)
    area: Area | None = named[0] if named else None
    zone: Zone | None = book.zone if book.zone and book.zone.code in codes else None
    return Owners(area, zone)


def _refuse_empty(values: ReportValues, past: PastOfOwners, period: Period) -> None:
    begin: date | None = values.port.begin if values.port else None
    if values.port and begin is None and values.zone is None:
        raise StackError(f"the books hold no move up to {period.last}: name a later day")
    if values.port is None and values.zone is None:
        held = ", ".join(map(str, past.years)) or "nothing"
        raise StackError(
            f"the books hold neither moves nor projects of these owners (they hold {held}): "
            "`quaymark up` or `quaymark import` fills them"
        )
