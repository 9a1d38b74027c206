"""The partners: what became of the records of each within a day, and how late these came."""

from typing import Any

from contract.book import NO_PARTNER, Book
from contract.errors import Reason
from dashboards.grafana.explain_links import ExplainLinks, as_style
from dashboards.grafana.language import Language
from dashboards.grafana.layout import describe
from dashboards.grafana.specs import CODE_COLUMN, Column, GridPlace, PanelHead
from dashboards.grafana.table_panel import table
from dashboards.grafana.theme import words
from dashboards.queries import workers
from dashboards.queries.promql import with_code
from kpis import partners
from kpis.pipeline import Meter

NOTE = "By the register, of the last 24 hours.  Before: rejected in the seven days before these."
WIDE = 97  # pixels: with all columns the table is as wide as half a screen


def partner_table(language: Language, place: GridPlace) -> Any:
    """Each partner: its records, and their shares by what became of them."""

    def share(name: str, meter: Meter) -> Column:
        return Column.of(language.text(name), language.percent(_each(meter), 2), WIDE)

    name = language.text("Partner")
    columns = [
        Column(name, _names(language) | {"custom.minWidth": 98}, label="partner"),
        Column.of(language.text("Records"), language.count(_each(partners.RECEIVED)), 68),
        share("Accepted, %", partners.ACCEPTED_SHARE),
        share("Rejected, %", partners.REFUSED_SHARE),
        share("Before, %", partners.USUAL_REFUSED_SHARE),
        share("Flagged, %", partners.FLAGGED_SHARE),
        share("Repeats, %", partners.REPEATED_SHARE),
        share("Amended, %", partners.AMENDED_SHARE),
    ]
    elsewhere = (partners.REFUSED_BY_REASON, partners.DELAY, partners.LAST_RECORD)
    shown = (meter for meter in partners.PARTNER_METERS if meter not in elsewhere)
    head = PanelHead(language.text("Partners, 24 h"), describe(language, *shown, note=NOTE), place)
    return table(head, columns, sort=(name, False))


def delay_table(language: Language, place: GridPlace) -> Any:
    """Each partner: how late its records came, and when the last one did."""

    def delay(name: str, quantile: str, width: int) -> Column:
        asked = _each(partners.DELAY, quantile=quantile)
        return Column.of(language.text(name), language.count(f"({asked}) / 60"), width)

    name = language.text("Partner")
    columns = [
        Column(name, _names(language) | {"custom.minWidth": 98}, label="partner"),
        delay("Median, min", "0.5", 96),
        delay("p95, min", "0.95", 72),
        Column.of(language.text("Last record"), language.minute(_each(partners.LAST_RECORD)), 104),
    ]
    described = describe(language, partners.DELAY, partners.LAST_RECORD)
    head = PanelHead(language.text("From move to Kafka, 24 h"), described, place)
    return table(head, columns, sort=(name, False))


def refusal_table(book: Book, language: Language, explain: ExplainLinks, place: GridPlace) -> Any:
    """The refused records of each partner by reason, the most first."""
    reasons = {
        reason.value: language.text(reason.value.replace("_", " "), "reason") for reason in Reason
    }
    asked = with_code(
        f"max by (partner, reason) ({workers.gauge(partners.REFUSED_BY_REASON)})", "partner"
    )
    records = language.text("Records")
    columns = [
        Column(
            language.text("Partner"),
            _names(language) | {"custom.minWidth": 90},
            label="partner",
        ),
        Column(
            language.text("Reason"),
            {"mappings": words(reasons), "custom.minWidth": 110}
            | as_style(explain.of_partners_reason(book)),
            label="reason",
        ),
        Column.of(records, language.count(asked), 84),
        CODE_COLUMN,
    ]
    head = PanelHead(
        language.text("Rejected, 24 h"),
        describe(language, partners.REFUSED_BY_REASON),
        place,
        no_value=language.text("nothing rejected"),
    )
    return table(head, columns, sort=(records, True))


def _each(meter: Meter, **labels: str) -> str:
    return f"max by (partner) ({workers.gauge(meter, **labels)})"


def _names(language: Language) -> dict[str, Any]:
    return {"mappings": words({NO_PARTNER: language.text("none named")})}
