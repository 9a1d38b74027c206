"""The day so far: its TEU, its share of the plan by now, the last hour and the last move."""

from kpis.port import handled, pacing
from kpis.port.throughput import LATEST, THROUGHPUT
from reports.forms.markup import Markup, element, joined
from reports.forms.plain_text import cell_text
from reports.language.language import LANGUAGES
from reports.language.numbers import number
from reports.period import Span
from reports.reason import AbsenceReason, Why
from reports.rounding import spread
from reports.tree import (
    Bar,
    Lang,
    NumberForm,
    ReportFigure,
    Row,
    Table,
    TableColumn,
    Words,
)
from reports.values import PortValues
from web.figures.live_figures import LiveFigures
from web.pages.wording import WEB_WORDS


def day_so_far(live: LiveFigures, code: str, lang: Lang) -> Markup:
    """Return a line of figures, each with what it is."""
    words, plain = WEB_WORDS[lang], LANGUAGES[lang].plain
    year, area = str(live.on.year), (("port_area", code),)
    span = Span(live.on, live.on)
    today = ReportFigure(THROUGHPUT[handled.ytd], area, span, live.teu, NumberForm.TEU)
    hour = live.readings.sum(LATEST[handled.hour])
    total = live.readings.sum(THROUGHPUT[handled.ytd], year=year)
    gap = live.readings.sum(THROUGHPUT[pacing.gap], year=year)
    shown: list[tuple[str, str]] = [
        (
            plain(words.today, clock=f"{live.at:%H:%M}"),
            f"{cell_text(today, lang)} {LANGUAGES[lang].words.teu}",
        )
    ]
    if live.planned_today:
        share = live.teu / live.planned_today
        of_plan = ReportFigure(THROUGHPUT[handled.ytd], area, span, share, NumberForm.SHARE)
        label = plain(words.by_now, plan=number(live.planned_today))
        shown.append((label, cell_text(of_plan, lang)))
    shown.append((words.last_hour, _teu(hour)))
    shown.append((words.year_by_now, _teu(total)))
    if gap is not None:
        shown.append((words.ahead_by_now, ("+" if gap < -0.5 else "") + number(-gap)))
    if live.newest:
        same_day = live.newest.date() == live.on
        last = f"{live.newest:%H:%M}" if same_day else f"{live.newest:%Y-%m-%d %H:%M}"
        shown.append((words.last_move, last))
    return element(
        "dl",
        {"class": "now"},
        joined(
            [
                element("div", None, element("dt", None, label), element("dd", None, said))
                for label, said in shown
            ]
        ),
    )


def terminals_today(live: LiveFigures, port: PortValues, lang: Lang) -> Table:
    """Return the TEU of each terminal since midnight and in the last hour."""
    words, language = WEB_WORDS[lang], LANGUAGES[lang]
    parts = spread([live.today.get(code, 0.0) for code in port.terminals])
    rows = [
        Row(
            (
                Words(language.name(name)),
                _today(live, port.code, code, shown=float(part)),
                _last_hour(live, port.code, code),
                Bar(live.today.get(code, 0.0) / live.teu if live.teu else 0.0),
            )
        )
        for (code, name), part in zip(port.terminals.items(), parts, strict=True)
    ]
    whole = (
        Words(language.words.all_terminals),
        _today(live, port.code),
        _last_hour(live, port.code),
    )
    rows.append(Row((*whole, Words("")), is_sum=True))
    columns = (
        TableColumn(language.words.terminal, "l", 0),
        TableColumn(words.so_far),
        TableColumn(words.last_hour),
        TableColumn("", "l"),
    )
    return Table(words.by_terminal_today, columns, tuple(rows))


def _today(
    live: LiveFigures, area: str, terminal: str = "", shown: float | None = None
) -> ReportFigure:
    teu = live.today.get(terminal, 0.0) if terminal else live.teu
    span, kpi = Span(live.on, live.on), THROUGHPUT[handled.ytd]
    return ReportFigure(kpi, _labels(area, terminal), span, teu, NumberForm.TEU, shown=shown)


def _last_hour(live: LiveFigures, area: str, terminal: str = "") -> ReportFigure:
    kpi, chosen = LATEST[handled.hour], {"terminal": terminal} if terminal else {}
    hour = live.readings.sum(kpi, **chosen)
    value = AbsenceReason(Why.NOT_KNOWN) if hour is None else hour
    span = Span(live.on, live.on)
    return ReportFigure(kpi, _labels(area, terminal), span, value, NumberForm.TEU)


def _labels(area: str, terminal: str) -> tuple[tuple[str, str], ...]:
    return (("port_area", area), *((("terminal", terminal),) if terminal else ()))


def _teu(value: float | None) -> str:
    return "–" if value is None else number(value)
