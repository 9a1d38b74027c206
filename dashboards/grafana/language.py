"""A language of the operations room: its words, and the units in which it says a quantity."""

from dataclasses import dataclass, field
from gettext import NullTranslations
from typing import Literal

from contract.events import Label

Lang = Literal["en", "zh"]
LANGS: tuple[Lang, ...] = ("en", "zh")


@dataclass(frozen=True)
class Quantity:
    """A query and how its result is written: Grafana's unit and the number of decimals."""

    expr: str
    unit: str = "none"
    decimals: int = 0


@dataclass(frozen=True)
class Language:
    """One language: `say("Plan")` is the message in it.

    Messages are written in English; the catalogue of a language (`dashboards/locale`) is read at
    the door and handed in, since this room reads no files.  Units are no messages: TEU and CNY bn
    in English, 万标箱 (10,000 TEU) and 亿元 (100 million yuan) in Chinese scale the query, too.
    """

    lang: Lang
    messages: NullTranslations = field(default_factory=NullTranslations)

    def __call__(self, message: str, context: str = "") -> str:
        """The message in this language; `context` parts messages that are one word in English."""
        if context:
            return self.messages.pgettext(context, message)
        return self.messages.gettext(message)

    def name(self, label: Label) -> str:
        """The book's name of a thing."""
        return label.zh if self.lang == "zh" else label.en

    def teu(self, expr: str) -> Quantity:
        """A year's TEU: to the unit in English, in 万标箱 with two decimals in Chinese."""
        return self._either(Quantity(expr, "locale"), Quantity(f"({expr}) / 1e4", "none", 2))

    def count(self, expr: str) -> Quantity:
        """A number of things, or a day's TEU: to the unit in both languages."""
        return Quantity(expr, "locale")

    def percent(self, expr: str, decimals: int = 1) -> Quantity:
        """A ratio as a percentage; its sign stands in the name."""
        return Quantity(f"100 * ({expr})", "none", decimals)

    def yuan(self, expr: str) -> Quantity:
        """An amount in yuan: CNY bn with one decimal, 亿元 without."""
        return self._either(
            Quantity(f"({expr}) / 1e9", "none", 1), Quantity(f"({expr}) / 1e8", "locale")
        )

    def day(self, expr: str) -> Quantity:
        """An instant in seconds, written as a date."""
        form = "YYYY-M-D" if self.lang == "zh" else "D MMM YYYY"
        return Quantity(f"({expr}) * 1000", f"time:{form}")

    def minute(self, expr: str) -> Quantity:
        """An instant in seconds, written to the minute."""
        form = "M-D HH:mm" if self.lang == "zh" else "D MMM HH:mm"
        return Quantity(f"({expr}) * 1000", f"time:{form}")

    def _either(self, en: Quantity, zh: Quantity) -> Quantity:
        return zh if self.lang == "zh" else en
