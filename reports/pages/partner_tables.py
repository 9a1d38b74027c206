"""What became of each partner's records in a month: a table, and the refused ones by reason."""

from kpis import partners as meters
from kpis.pipeline import Meter
from reports.language.language import ReportLanguage
from reports.language.refusals import refusal
from reports.partner_records import PartnerRecords
from reports.period import Span
from reports.reason import AbsenceReason, Why
from reports.tree import (
    Block,
    Lines,
    NumberForm,
    ReportFigure,
    Row,
    Run,
    Table,
    TableColumn,
    Words,
)
from reports.values import ReportValues

NOBODY = "-"
"""The partner of records of nobody in particular."""
SILENT_DAYS = Meter(
    "partner_silent_days", ("partner",), "Days on which no record of a partner came; in reports."
)


def partners(values: ReportValues, language: ReportLanguage) -> tuple[Block, ...]:
    """Return the quality of the partners, or why it is not known; nothing in other reports."""
    words, found = language.words, values.partners
    if found is None:
        return ()
    if isinstance(found, AbsenceReason):
        said = language.plain(words.partners_absent, reason=language.reason(found))
        return (Lines(words.partners, ((Words(said, muted=True),),)),)
    span = values.period.span
    refused = tuple(_by_reason(one, span, language) for one in found if one.refused)
    table = _table(found, span, language)
    return (table, Lines(words.refused_by_reason, refused)) if refused else (table,)


def _table(found: tuple[PartnerRecords, ...], span: Span, language: ReportLanguage) -> Table:
    words = language.words
    records = (words.records, words.accepted, words.refused, words.repeated, words.amended)
    delays = (TableColumn(title, width=1.3) for title in (words.median_delay, words.p95_delay))
    return Table(
        words.partners,
        (
            TableColumn(words.partner, "l", 1.4),
            *map(TableColumn, records),
            *delays,
            TableColumn(words.silent_days),
        ),
        tuple(Row((Words(_name(one, language)), *_figures(one, span))) for one in found),
        words.sheet_partners,
        words.partners_note,
    )


def _figures(one: PartnerRecords, span: Span) -> Run:
    delays: tuple[float | AbsenceReason, ...] = one.delays or (AbsenceReason(Why.NO_RECORD),) * 2
    shares = (
        (meters.ACCEPTED_SHARE, one.accepted),
        (meters.REFUSED_SHARE, one.all_refused),
        (meters.REPEATED_SHARE, one.repeated),
        (meters.AMENDED_SHARE, one.amended),
    )
    return (
        _figure(one, span, meters.RECEIVED, one.received),
        *(_share(one, span, meter, records) for meter, records in shares),
        *(
            ReportFigure(
                meters.DELAY,
                (("partner", one.partner), ("quantile", quantile)),
                span,
                delay,
                NumberForm.MINUTES,
            )
            for quantile, delay in zip(("0.5", "0.95"), delays, strict=True)
        ),
        _figure(one, span, SILENT_DAYS, one.silent_days),
    )


def _figure(one: PartnerRecords, span: Span, meter: Meter, value: int) -> ReportFigure:
    labels = (("partner", one.partner),)
    return ReportFigure(meter, labels, span, float(value), NumberForm.COUNT)


def _share(one: PartnerRecords, span: Span, meter: Meter, records: int) -> ReportFigure:
    share = records / one.received if one.received else AbsenceReason(Why.NO_RECORD)
    return ReportFigure(meter, (("partner", one.partner),), span, share, NumberForm.SHARE)


def _by_reason(one: PartnerRecords, span: Span, language: ReportLanguage) -> Run:
    cells: list[Words | ReportFigure] = []
    for reason, records in sorted(one.refused.items(), key=lambda each: (-each[1], each[0])):
        cells += [
            Words(f"{language.words.semicolon if cells else ''}{refusal(reason, language.lang)} "),
            ReportFigure(
                meters.REFUSED_BY_REASON,
                (("partner", one.partner), ("reason", reason)),
                span,
                float(records),
                NumberForm.COUNT,
                strong=True,
            ),
        ]
    return (Words(language.plain(language.words.refused_by, partner=_name(one, language))), *cells)


def _name(one: PartnerRecords, language: ReportLanguage) -> str:
    return language.words.partner_unnamed if one.partner == NOBODY else one.partner
