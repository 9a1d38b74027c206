"""The metrics of partners: gauges of what the register holds, of partners that there are now."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from contract.book import Book
from contract.errors import StackError
from kpis import partners as meters
from kpis.pipeline import Meter
from register.partner_quality import PartnerQuality, partner_quality
from stack.context import CommandContext

LOOKS_AGAIN = timedelta(minutes=3)
"""How often the register is looked at; it takes half a second of a year."""


class PartnerCollector(Collector):
    """Shows the newest figures of each partner; nothing before there are any."""

    def __init__(self) -> None:
        self._partners: list[PartnerQuality] = []

    def show(self, partners: list[PartnerQuality]) -> None:
        """Show these from now on."""
        self._partners = partners

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the figures; a share of no records is left out."""
        families = {meter.name: _family(meter) for meter in meters.PARTNER_METERS}

        def add(meter: Meter, value: float | None, *labels: str) -> None:
            if value is not None:
                families[meter.name].add_metric(labels, value)

        for one in self._partners:
            name = one.partner
            add(meters.RECEIVED, one.received, name)
            for reason, number in sorted(one.refused.items()):
                add(meters.REFUSED_BY_REASON, number, name, reason)
            add(meters.ACCEPTED_SHARE, one.share(one.accepted), name)
            add(meters.REFUSED_SHARE, one.share(one.all_refused), name)
            add(meters.USUAL_REFUSED_SHARE, one.usual_refused, name)
            add(meters.FLAGGED_SHARE, one.share(one.flagged), name)
            add(meters.REPEATED_SHARE, one.share(one.repeated), name)
            add(meters.AMENDED_SHARE, one.share(one.amended), name)
            if one.delays is not None:
                for quantile, seconds in zip(("0.5", "0.95"), one.delays, strict=True):
                    add(meters.DELAY, seconds, name, quantile)
            add(meters.LAST_RECORD, one.last.timestamp() if one.last else None, name)
        yield from families.values()


class PartnerLook:
    """Looks at the register every few minutes, for what partners sent meanwhile.

    `quaymark up` keeps the register up to date beside it.  Where there is none, it has no figures.
    """

    def __init__(self, context: CommandContext, book: Book, collector: PartnerCollector) -> None:
        self._context, self._book, self._collector = context, book, collector
        self._next: datetime | None = None
        self._fault = ""

    def look(self) -> None:
        """Show the figures of now, if some minutes have passed; a fault is said once."""
        now = self._context.now()
        if self._next is not None and now < self._next:
            return
        self._next = now + LOOKS_AGAIN
        fault, found = "", list[PartnerQuality]()
        try:
            found = partner_quality(Path(self._context.settings.register_folder), self._book, now)
        except StackError as error:
            fault = str(error)
        self._collector.show(found)
        if fault and fault != self._fault:
            self._context.say(f"figures of partners are not shown: {fault}")
        self._fault = fault


def _family(meter: Meter) -> GaugeMetricFamily:
    return GaugeMetricFamily(meter.name, meter.help, labels=meter.labels)
