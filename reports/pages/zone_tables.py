"""The tables of a zone: its projects by stage and by cluster, and the milestones that were met."""

from collections.abc import Mapping

from contract.events import Label
from kpis.zone import investment
from kpis.zone.investment import INVESTMENT
from kpis.zone.portfolio import STAGES
from reports.language.language import ReportLanguage
from reports.pages.notes import cut
from reports.pages.zone_figures import ZoneFigures
from reports.reason import AbsenceReason, Why
from reports.tree import (
    Against,
    Lines,
    NumberForm,
    ReportFigure,
    Row,
    Run,
    Table,
    TableColumn,
    Words,
)

MET = 8


def stages(figures: ZoneFigures, language: ReportLanguage) -> Table:
    """Return the projects that have reached each stage, and how many did so in the period."""
    words, rows = language.words, []
    counted, yuan = INVESTMENT[investment.at_stage], INVESTMENT[investment.stage_yuan]
    signed = figures.of(counted, NumberForm.COUNT, stage="signed").number
    for stage in STAGES:
        at_stage = figures.of(counted, NumberForm.COUNT, stage=stage)
        share: float | AbsenceReason = AbsenceReason(Why.NOT_KNOWN)
        if signed and at_stage.number is not None:
            share = at_stage.number / signed
        labels = (("zone", figures.zone.code), ("stage", str(stage)))
        rows.append(
            Row(
                (
                    Words(words.stages.get(stage, stage)),
                    at_stage,
                    figures.more(counted, NumberForm.COUNT, stage=stage),
                    figures.of(yuan, NumberForm.YUAN, stage=stage),
                    ReportFigure(
                        counted,
                        labels,
                        figures.span,
                        share,
                        NumberForm.SHARE,
                        against=Against.WHOLE,
                    ),
                )
            )
        )
    columns = (
        TableColumn(words.stage, "l", 1),
        TableColumn(words.number),
        TableColumn(words.more_in_period),
        TableColumn(words.amount, width=1.4),
        TableColumn(words.of_signed),
    )
    return Table(words.stages_title, columns, tuple(rows), words.sheet_stages)


def clusters(figures: ZoneFigures, names: Mapping[str, Label], language: ReportLanguage) -> Table:
    """Return the yuan committed by cluster, the largest first."""
    kpi, words = INVESTMENT[investment.cluster], language.words
    found = figures.zone.readings.selected(kpi)
    rows = [
        Row(
            (
                Words(language.name(names[code]) if code in names else code),
                figures.quantity(kpi, NumberForm.YUAN, yuan, cluster=code),
            )
        )
        for (_, code), yuan in sorted(found.items(), key=lambda one: (-one[1], one[0]))
    ]
    columns = (TableColumn(words.cluster, "l", 1), TableColumn(words.amount))
    return Table(words.clusters_title, columns, tuple(rows), words.sheet_clusters)


def met(figures: ZoneFigures, language: ReportLanguage) -> Lines:
    """Return the milestones that were met in the period."""
    words = language.words
    lines: list[Run] = [
        (
            Words(
                f"{language.short_day(one.due)} {cut(language.name(one.project), 40)} "
                + words.stages.get(one.milestone.replace(" ", "_"), cut(one.milestone))
            ),
        )
        for one in figures.zone.met[:MET]
    ]
    if len(figures.zone.met) > MET:
        more = str(len(figures.zone.met) - MET)
        lines.append((Words(language.plain(words.and_more, more=more)),))
    return Lines(words.met_title, tuple(lines) or ((Words(words.none_met),),))
