"""A language of the boards: its texts, and the units in which it writes quantities."""

from dataclasses import dataclass, field
from gettext import NullTranslations
from typing import Literal

from contract.events import Label

Lang = Literal["en", "zh"]
LANGS: tuple[Lang, ...] = ("en", "zh")


@dataclass(frozen=True)
class Quantity:
    """A query and the format of its result: Grafana's unit and the number of decimals."""

    expr: str
    unit: str = "none"
    decimals: int = 0


@dataclass(frozen=True)
class Language:
    """One language of the boards: `language.text("Plan")` is that message in it.

    The code holds each message in English.  The gettext catalogue of a language lies in
    `dashboards/locale`; the caller reads it, since this room reads no files.  Units differ by more
    than their names: English writes TEU and CNY bn, Chinese 万标箱 (10,000 TEU) and 亿元 (100
    million yuan), so the methods below scale the query, too.
    """

    lang: Lang
    messages: NullTranslations = field(default_factory=NullTranslations)

    def text(self, message: str, context: str = "") -> str:
        """Return a message in this language; `context` tells meanings of one word apart."""
        if context:
            return self.messages.pgettext(context, message)
        return self.messages.gettext(message)

    def name(self, label: Label) -> str:
        """Return a label of the book in this language."""
        return label.zh if self.lang == "zh" else label.en

    def teu(self, expr: str) -> Quantity:
        """TEU of a year: whole TEU in English, 万标箱 with two decimals in Chinese."""
        return self._either(Quantity(expr, "locale"), Quantity(f"({expr}) / 1e4", "none", 2))

    def count(self, expr: str) -> Quantity:
        """A count, or the TEU of a day: a whole number in both languages."""
        return Quantity(expr, "locale")

    def percent(self, expr: str, decimals: int = 1) -> Quantity:
        """A ratio as a percentage; the % sign is part of the figure's name."""
        return Quantity(f"100 * ({expr})", "none", decimals)

    def yuan(self, expr: str) -> Quantity:
        """An amount in yuan: CNY bn with one decimal in English, whole 亿元 in Chinese."""
        return self._either(
            Quantity(f"({expr}) / 1e9", "none", 1), Quantity(f"({expr}) / 1e8", "locale")
        )

    def day(self, expr: str) -> Quantity:
        """An instant in Unix seconds, written as a date."""
        form = "YYYY-M-D" if self.lang == "zh" else "D MMM YYYY"
        return Quantity(f"({expr}) * 1000", f"time:{form}")

    def minute(self, expr: str) -> Quantity:
        """An instant in Unix seconds, written to the minute."""
        form = "M-D HH:mm" if self.lang == "zh" else "D MMM HH:mm"
        return Quantity(f"({expr}) * 1000", f"time:{form}")

    def _either(self, en: Quantity, zh: Quantity) -> Quantity:
        return zh if self.lang == "zh" else en
