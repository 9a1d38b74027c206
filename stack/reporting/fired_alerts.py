"""The alerts that fired within a period, as Prometheus holds them."""

from datetime import UTC, datetime

from contract.book import Book
from contract.errors import StackError
from kpis.model.calendar import day_of, day_start
from reports.period import Period
from reports.values import AlertSpan
from stack.backfill.prometheus_api import Prometheus

_OF_SERIES = frozenset(("__name__", "alertname", "alertstate", "severity", "run"))


def fired_alerts(server: Prometheus, book: Book, period: Period) -> tuple[AlertSpan, ...] | None:
    """Return the alerts that fired in a period; None if no Prometheus answers."""
    begin, end = (day_start(on, book.tz) for on in (period.span.first, period.span.after))
    span = f"[{end - begin:.0f}s]"
    last = end - 1
    try:
        fired = server.labelled_values(
            f'max_over_time(ALERTS{{alertstate="firing",run=""}}{span})', last
        )
        active = server.labelled_values(f'min_over_time(ALERTS_FOR_STATE{{run=""}}{span})', last)
    except StackError:
        return None
    since = {_key(labels): at for labels, at in active}
    return tuple(
        AlertSpan(
            name=labels.get("alertname", ""),
            severity=labels.get("severity", ""),
            labels=tuple(
                sorted((name, text) for name, text in labels.items() if name not in _OF_SERIES)
            ),
            since=day_of(datetime.fromtimestamp(since.get(_key(labels), begin), UTC), book.tz),
        )
        for labels, _ in fired
    )


def _key(labels: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        sorted(pair for pair in labels.items() if pair[0] not in ("__name__", "alertstate"))
    )
