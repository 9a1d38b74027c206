"""Elements of HTML and SVG as text: whatever is not markup itself is escaped."""

from collections.abc import Mapping
from html import escape


class Markup(str):
    """Markup made here, as opposed to text of other people."""

    __slots__ = ()


def element(name: str, attributes: Mapping[str, object] | None = None, *children: str) -> Markup:
    """Return an element; children that are plain text are escaped, and so are attributes."""
    given = "".join(
        f' {key}="{escape(str(value))}"'
        for key, value in (attributes or {}).items()
        if value not in (None, "", False)
    )
    inner = "".join(
        one if isinstance(one, Markup) else escape(one, quote=False) for one in children
    )
    return Markup(f"<{name}{given}>{inner}</{name}>")


def joined(parts: list[Markup]) -> Markup:
    """Return markup, one after another."""
    return Markup("".join(parts))


def text(said: str) -> Markup:
    """Return text of other people as markup."""
    return Markup(escape(said, quote=False))
