"""What a page looks for in the register: a container, a ship, a voyage, a document or an event."""

from collections.abc import Mapping

from msgspec import Struct

from contract.container import NumberFlag, check_digit, number_flag
from contract.errors import Misconfigured
from register.questions import FOUND_BY
from web.pages.asked_figure import LONGEST, OF_VIEWS, refuse_repeated
from web.pages.view import PageView

ASKED = ("by", "sought")


class Sought(Struct, frozen=True):
    """What is looked for, and by which of its names; no text asks for nothing."""

    by: str = "container"
    text: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Sought":
        """Return what a query looks for.

        Raises:
            Misconfigured: another parameter, another name to look by, or a text that is too long.
        """
        refuse_repeated(query)
        if unknown := [name for name in query if name not in (*ASKED, *OF_VIEWS)]:
            raise Misconfigured(f"{unknown[0][:20]}: expected some of {', '.join(ASKED)}")
        by, text = query.get("by", "container"), query.get("sought", "").strip()
        if by not in FOUND_BY:
            raise Misconfigured(f"by={by[:20]}: expected one of {', '.join(FOUND_BY)}")
        if len(text) > LONGEST:
            raise Misconfigured(f"sought has {len(text)} characters, at most {LONGEST}")
        return cls(by, text)

    @property
    def expected_digit(self) -> int | None:
        """The check digit that a container number should end with; None if it does, or is none."""
        number = "".join(self.text.upper().replace("-", "").split())
        if self.by == "container" and number_flag(number) is NumberFlag.CHECK_DIGIT:
            return check_digit(number)
        return None

    def link(self, path: str, view: PageView) -> str:
        """Return the address of a page or a file about it."""
        return view.link(path, by=self.by, sought=self.text)
