"""TOML written by hand for the sake of its comments: strings, keys, lists and inline tables."""

import re
from collections.abc import Iterable, Mapping

import msgspec

from contract.events import Label

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def quoted(text: str) -> str:
    """Return a TOML string; a JSON string is one, if DEL is escaped too."""
    return msgspec.json.encode(text).decode().replace("\x7f", "\\u007f")


def key(name: str) -> str:
    """Return a key, in quotes where TOML needs them."""
    return name if _BARE.fullmatch(name) else quoted(name)


def listed(values: Iterable[str]) -> str:
    """Return a list of strings."""
    return f"[{', '.join(map(quoted, values))}]"


def named(label: Label) -> str:
    """Return a name in both languages."""
    return f"{{ zh = {quoted(label.zh)}, en = {quoted(label.en)} }}"


def inline(table: Mapping[str, str]) -> str:
    """Return a table of strings on one line."""
    inner = ", ".join(f"{key(name)} = {quoted(value)}" for name, value in table.items())
    return f"{{ {inner} }}"


def comment(text: str) -> str:
    """Return a text as lines of a comment; control characters can't end it."""
    lines = text.splitlines() or [""]
    return "\n".join(
        "# " + "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
        for line in lines
    )
