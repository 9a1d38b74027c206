"""One language of a report: its words, and how it writes names, days and figures."""

import re
from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from contract.events import Label
from reports.language.chinese import CHINESE
from reports.language.english import ENGLISH
from reports.language.numbers import NO_BREAK, number
from reports.language.wording import Wording
from reports.period import Period, ReportKind, Span, month_end
from reports.reason import AbsenceReason
from reports.tree import Cell, Lang, ReportTree, Run, Words

_ZH_UNITS = {
    "TEU": ("万标箱", 1e4),
    "percent": ("%", 1.0),
    "rank": ("名", 1.0),
    "firms": ("家", 1.0),
    "projects": ("个", 1.0),
    "moves": ("次", 1.0),
    "yuan": ("亿元", 1e8),
    "CNY": ("亿元", 1e8),
    "ratio": ("", 1.0),
    "count": ("", 1.0),
}
_EN_UNITS = {
    "TEU": ("k TEU", 1e3),
    "percent": ("%", 1.0),
    "yuan": ("CNY bn", 1e9),
    "CNY": ("CNY bn", 1e9),
    "count": ("", 1.0),
}
"""Unit of a target -> its word on paper, and by what its figures are divided there."""
_WEEKDAYS = "一二三四五六日"
_PLACE = re.compile(r"\{(\w+)\}")


class ReportLanguage(Struct, frozen=True):
    """A language of the reports."""

    lang: Lang
    words: Wording

    def name(self, label: Label) -> str:
        """Return a name of the book in this language."""
        return label.zh if self.lang == "zh" else label.en

    def plain(self, template: str, **texts: str) -> str:
        """Return a text with its places filled; what fills them is never read as a template."""
        return _PLACE.sub(lambda found: texts[found[1]], template)

    def fill(self, template: str, **cells: Cell) -> Run:
        """Return a text as cells, with figures in its places."""
        parts = _PLACE.split(template)
        run = [cells[part] if n % 2 else Words(part) for n, part in enumerate(parts)]
        return tuple(cell for cell in run if cell != Words(""))

    def joined(self, parts: Iterable[str]) -> str:
        """Return parts of a sentence, joined."""
        return self.words.semicolon.join(parts)

    def whole(self, value: float) -> str:
        """Return a number without decimals."""
        return number(value)

    def unit(self, unit: str) -> tuple[str, float]:
        """Return the word for a target's unit, and by what its figures are divided on paper."""
        units = _ZH_UNITS if self.lang == "zh" else _EN_UNITS
        return units.get(unit, (unit, 1.0))

    def reason(self, reason: AbsenceReason) -> str:
        """Return why there is no number, as a sentence says it."""
        return self.plain(self.words.reasons[reason.why], on=reason.on or "–")

    def reasons(self, report: ReportTree) -> list[str]:
        """Return each reason for which a figure of a report's pages is missing, once."""
        found = [
            self.reason(cell.value)
            for cell in report.quantities()
            if isinstance(cell.value, AbsenceReason)
        ]
        return list(dict.fromkeys(found))

    def reasons_line(self, report: ReportTree) -> str:
        """Return the sentence of these reasons; empty without any."""
        found = self.reasons(report)
        return self.plain(self.words.reasons_line, reasons=self.joined(found)) if found else ""

    def month_name(self, on: date) -> str:
        """Return the name of a day's month."""
        return f"{on.month}{NO_BREAK}月" if self.lang == "zh" else f"{_MONTHS[on.month - 1]}"

    def short_month(self, month: int) -> str:
        """Return the short name of a month, for the axis of a chart."""
        return f"{month}月" if self.lang == "zh" else _MONTHS[month - 1][:3]

    def short_day(self, on: date) -> str:
        """Return a day without its year: 11-25, or 25 Nov."""
        if self.lang == "zh":
            return f"{on.month}-{on.day:02}"
        return f"{on.day}{NO_BREAK}{_MONTHS[on.month - 1][:3]}"

    def tick(self, on: date) -> str:
        """Return a day for the axis of a chart."""
        return f"{on.month}/{on.day}" if self.lang == "zh" else self.short_day(on)

    def period(self, period: Period) -> str:
        """Return the period of a report as its title says it."""
        first, last = period.span.first, period.last
        if period.kind is ReportKind.DAILY:
            if self.lang == "zh":
                weekday = _WEEKDAYS[last.weekday()]
                return f"{last.year} 年 {last.month} 月 {last.day} 日　星期{weekday}"
            return f"{_DAYS[last.weekday()]} {last.day} {_MONTHS[last.month - 1]} {last.year}"
        if period.kind is ReportKind.WEEKLY:
            week = last.isocalendar().week
            to = " 至 " if self.lang == "zh" else " to "
            days = to.join(map(self.short_day, (first, last)))
            if self.lang == "zh":
                return f"{last.year} 年第 {week} 周　{days}"
            return f"week {week}, {days} {last.year}"
        if self.lang == "zh":
            return f"{last.year} 年 {last.month} 月"
        return f"{_MONTHS[last.month - 1]} {last.year}"

    def month_head(self, period: Period, month: Span, is_whole: bool) -> str:
        """Return the label of a month's sum: whole, to date, or to the last whole day."""
        words = self.words
        is_over = month.last == month_end(month.last)
        template = words.month_whole if is_over else words.month_to_date
        label = self.plain(template, month=self.month_name(month.first))
        return label if is_whole else self._up_to(label, month.last)

    def year_head(self, period: Period, year: Span, is_whole: bool) -> str:
        """Return the label of the year's sum to date."""
        words, label = self.words, self.words.year_to_date
        if period.kind is ReportKind.MONTHLY:
            label = self.plain(words.year_to_month, last=self.month_name(year.last))
        return label if is_whole else self._up_to(label, year.last)

    def _up_to(self, label: str, on: date) -> str:
        return self.plain(self.words.up_to, label=label, day=self.short_day(on))


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

LANGUAGES: dict[Lang, ReportLanguage] = {
    "zh": ReportLanguage("zh", CHINESE),
    "en": ReportLanguage("en", ENGLISH),
}
