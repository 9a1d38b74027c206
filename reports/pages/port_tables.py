"""The tables of a port area: terminals, classes of moves, and the state of each terminal."""

from collections.abc import Callable
from typing import NamedTuple

from kpis.port import handled
from kpis.port.throughput import THROUGHPUT
from reports import compare
from reports.language.language import ReportLanguage
from reports.pages.port_figures import PortFigures
from reports.period import ReportKind, Span, year_before
from reports.reason import AbsenceReason, Why
from reports.rounding import spread
from reports.tree import (
    Against,
    Bar,
    NumberForm,
    ReportFigure,
    Row,
    Run,
    Table,
    TableColumn,
    Tag,
    Words,
)
from reports.wholeness import silences

CLASS_TEU = THROUGHPUT[handled.ytd_class]
USUAL = ("20", "40", "45")
"""The sizes, in feet, that have rows of their own."""


_Comparisons = Callable[[PortFigures, Span, str], tuple[ReportFigure, ...]]
"""What a span of a terminal (or of all, "") is compared with; in January month and year agree."""


class _Class(NamedTuple):
    """A class of moves: its name, and the labels that select it, of which any may hold."""

    name: str
    labels: tuple[dict[str, str], ...]

    def teu(self, figures: PortFigures, span: Span) -> float | AbsenceReason:
        """Return its TEU in some days."""
        found = [figures.class_teu(span, **labels) for labels in self.labels]
        reason = next((one for one in found if isinstance(one, AbsenceReason)), None)
        return reason or sum(one for one in found if not isinstance(one, AbsenceReason))


def terminals(figures: PortFigures, language: ReportLanguage) -> Table:
    """Return TEU by terminal with comparisons, for the period, the month and the year."""
    words, kind = language.words, figures.period.kind
    week = kind is ReportKind.WEEKLY
    compared: list[tuple[Span, _Comparisons]] = [
        (figures.span, _of_week) if week else (figures.day, _of_day),
        (figures.month, _of_month),
        (figures.year, _of_year),
    ]
    if kind is ReportKind.MONTHLY:
        compared = compared[1:]
    by_terminal = [figures.terminals(span) for span, _ in compared]

    def cells(code: str) -> Run:
        found: list[ReportFigure] = []
        for (span, comparisons), parts in zip(compared, by_terminal, strict=True):
            found.append(parts[code] if code else figures.teu(span))
            found += comparisons(figures, span, code)
        return tuple(found)

    rows = [
        Row(
            (
                Words(language.name(name)),
                *cells(code),
                share := figures.share(figures.year, code),
                Bar(share.number or 0.0),
            )
        )
        for code, name in figures.port.terminals.items()
    ]
    whole = figures.of(
        CLASS_TEU, figures.year, 1.0 if figures.port.teu(figures.year) else None, NumberForm.SHARE
    )
    rows.append(Row((Words(words.all_terminals), *cells(""), whole, Words("")), is_sum=True))
    heads = [
        (words.the_day_short, (words.on_28_short,)),
        (words.month_short, (words.on_year, words.on_month_short)),
        (words.year_short, (words.on_year,)),
    ]
    if kind is ReportKind.WEEKLY:
        heads[0] = (words.week_short, (words.on_week_short,))
    if kind is ReportKind.MONTHLY:
        heads = heads[1:]
    titles = [title for head, rest in heads for title in (head, *rest)]
    columns = (
        TableColumn(words.terminal_teu, "l", 0),
        *(TableColumn(title) for title in titles),
        TableColumn(words.share),
        TableColumn("", "l"),
    )
    return Table(words.by_terminal, columns, tuple(rows), words.sheet_terminals)


def classes(figures: PortFigures, language: ReportLanguage) -> Table:
    """Return TEU by move, fill, size and transhipment, for the period, the month and the year."""
    words, kind = language.words, figures.period.kind
    spans = [
        figures.span if kind is ReportKind.WEEKLY else figures.day,
        figures.month,
        figures.year,
    ]
    titles = [
        words.week_short if kind is ReportKind.WEEKLY else words.the_day_short,
        words.month_short,
        words.year_short,
    ]
    widths: tuple[float, ...] = (1.0, 1.1, 1.35)
    if kind is ReportKind.MONTHLY:
        spans, titles, widths = spans[1:], titles[1:], widths[1:]
    rows: list[Row] = []
    for group in _groups(figures, language):
        parts = [_class_teu(figures, span, group) for span in spans]
        rows += [
            Row(
                (
                    Words(one.name),
                    *(of_span[n] for of_span in parts),
                    *_class_shares(figures, one),
                ),
                rule=bool(rows) and not n,
            )
            for n, one in enumerate(group)
        ]
    unknown = figures.of(CLASS_TEU, figures.year, AbsenceReason(Why.NOT_KNOWN), NumberForm.TEU)
    rows.append(Row((Words(words.foreign_domestic), *(unknown,) * (len(spans) + 2)), rule=True))
    columns = (
        TableColumn(words.class_teu, "l", 0),
        *(TableColumn(title, width=width) for title, width in zip(titles, widths, strict=True)),
        TableColumn(words.share, width=1.1),
        TableColumn(words.points_on_year, width=0.9),
    )
    return Table(words.by_class, columns, tuple(rows), words.sheet_classes, words.trade_not_known)


def terminal_states(figures: PortFigures, language: ReportLanguage) -> Table:
    """Return how far the messages of each terminal reach, for a day that is not whole."""
    words = language.words
    silent = {one.terminal: one.since for one in silences(figures.port, figures.period)}
    rows = []
    for code, name in figures.port.terminals.items():
        hour = figures.port.quays[code].last_hour
        tag = Tag(words.whole, "ok")
        if code in silent:
            tag = Tag(language.plain(words.silent_since, hour=f"{silent[code]:02}:00"), "bad")
        last = "–" if hour is None else f"{hour:02}:00–{hour + 1:02}:00"
        rows.append(
            Row((Words(language.name(name)), figures.teu(figures.day, code), Words(last), tag))
        )
    columns = (
        TableColumn(words.terminal, "l", 0),
        TableColumn(words.the_day_teu),
        TableColumn(words.last_hour),
        TableColumn(words.state, "l", 3),
    )
    return Table(words.terminal_states, columns, tuple(rows), words.sheet_states)


def _of_day(figures: PortFigures, span: Span, code: str) -> tuple[ReportFigure, ...]:
    return (figures.on_mean(code),)


def _of_week(figures: PortFigures, span: Span, code: str) -> tuple[ReportFigure, ...]:
    return (figures.on_week(span, code),)


def _of_month(figures: PortFigures, span: Span, code: str) -> tuple[ReportFigure, ...]:
    return figures.on_year(span, code), figures.on_month(span, code)


def _of_year(figures: PortFigures, span: Span, code: str) -> tuple[ReportFigure, ...]:
    return (figures.on_year(span, code),)


def _groups(figures: PortFigures, language: ReportLanguage) -> list[list[_Class]]:
    """The classes in groups that each add up to all TEU, but for transhipment."""
    words = language.words
    sizes = {
        dict(zip(CLASS_TEU.labels, labels, strict=True))["size"]
        for labels in figures.end.selected(CLASS_TEU, year=str(figures.year.last.year))
    }
    lengths = [_Class(language.plain(words.feet, feet=size), ({"size": size},)) for size in USUAL]
    if others := sorted(sizes - set(USUAL)):
        lengths.append(_Class(words.other_sizes, tuple({"size": size} for size in others)))
    fills = [("laden", words.laden), ("empty", words.empty)]
    if figures.end.selected(CLASS_TEU, fill="unknown"):
        fills.append(("unknown", words.fill_unknown))
    return [
        [
            _Class(words.loaded, ({"move": "load"},)),
            _Class(words.discharged, ({"move": "discharge"},)),
        ],
        [_Class(name, ({"fill": fill},)) for fill, name in fills],
        lengths,
        [_Class(words.transhipment, ({"kind": "transhipment"},))],
    ]


def _class_teu(figures: PortFigures, span: Span, group: list[_Class]) -> list[ReportFigure]:
    values = [one.teu(figures, span) for one in group]
    numbers = [value for value in values if not isinstance(value, AbsenceReason)]
    shown: list[float | None] = [None] * len(values)
    if len(numbers) == len(values):
        shown = [float(part) for part in spread(numbers)]
    return [
        _quantity(figures, span, one, value, NumberForm.TEU, shown=part)
        for one, value, part in zip(group, values, shown, strict=True)
    ]


def _class_shares(figures: PortFigures, one: _Class) -> tuple[ReportFigure, ReportFigure]:
    """The share of a class in the year to date, and how it moved against last year."""
    year, before = figures.year, year_before(figures.year)
    now = _share(figures, year, one)
    moved: float | AbsenceReason
    if reason := compare.gap(figures.port, before):
        moved = reason
    else:
        then = _share(figures, before, one)
        moved = (
            now - then if isinstance(now, float) and isinstance(then, float)
            else AbsenceReason(Why.WAS_ZERO)
        )  # fmt: skip
    return (
        _quantity(figures, year, one, now, NumberForm.SHARE, against=Against.WHOLE),
        _quantity(figures, year, one, moved, NumberForm.POINTS, against=Against.YEAR_BEFORE),
    )


def _share(figures: PortFigures, span: Span, one: _Class) -> float | AbsenceReason:
    part, whole = one.teu(figures, span), figures.class_teu(span)
    if isinstance(part, AbsenceReason) or isinstance(whole, AbsenceReason):
        return part if isinstance(part, AbsenceReason) else AbsenceReason(Why.WAS_ZERO)
    return part / whole if whole else AbsenceReason(Why.WAS_ZERO)


def _quantity(
    figures: PortFigures,
    span: Span,
    one: _Class,
    value: float | AbsenceReason,
    form: NumberForm,
    **more: object,
) -> ReportFigure:
    values: dict[str, str] = {}
    for labels in one.labels:
        values |= {
            name: "+".join(filter(None, (values.get(name), value)))
            for name, value in labels.items()
        }
    return ReportFigure(CLASS_TEU, figures.area + tuple(values.items()), span, value, form, **more)  # type: ignore[arg-type]
