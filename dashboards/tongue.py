"""The two languages of the operations room: words, and the units in which each says a quantity."""

from dataclasses import dataclass
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
class Tongue:
    """One language; `say("Plan", "计划")` picks.

    Both languages stand side by side in the code: a message catalogue would have to be read from a
    file, which a pure room does not do, and would part a heading from the unit it names.
    """

    lang: Lang

    def __call__(self, en: str, zh: str) -> str:
        """The one of the two that belongs to this language."""
        return zh if self.lang == "zh" else en

    def name(self, label: Label) -> str:
        """The book's name of a thing."""
        return self(label.en, label.zh)

    def teu(self, expr: str) -> Quantity:
        """A year's TEU: to the unit in English, in 万标箱 (10,000) with two decimals else."""
        return self._either(Quantity(expr, "locale"), Quantity(f"({expr}) / 1e4", "none", 2))

    def count(self, expr: str) -> Quantity:
        """A number of things, or a day's TEU: to the unit in both languages."""
        return Quantity(expr, "locale")

    def percent(self, expr: str) -> Quantity:
        """A ratio as a percentage with one decimal; its sign stands in the name."""
        return Quantity(f"100 * ({expr})", "none", 1)

    def yuan(self, expr: str) -> Quantity:
        """An amount in yuan: CNY bn with one decimal, 亿元 (100 million) without."""
        return self._either(
            Quantity(f"({expr}) / 1e9", "none", 1), Quantity(f"({expr}) / 1e8", "locale")
        )

    def day(self, expr: str) -> Quantity:
        """An instant in seconds, written as a date."""
        return Quantity(f"({expr}) * 1000", self("time:D MMM YYYY", "time:YYYY-M-D"))

    def minute(self, expr: str) -> Quantity:
        """An instant in seconds, written to the minute."""
        return Quantity(f"({expr}) * 1000", self("time:D MMM HH:mm", "time:M-D HH:mm"))

    def _either(self, en: Quantity, zh: Quantity) -> Quantity:
        return zh if self.lang == "zh" else en
