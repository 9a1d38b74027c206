"""A systemd unit as a value, and its text with systemd's own quoting."""

import re

from msgspec import Struct

from contract.errors import Misconfigured

PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=$-]+")
"""A word of these characters needs no quotes, once `%` and `$` are doubled."""


class UnitSection(Struct, frozen=True):
    """One section: its name and its settings in order; a setting may occur more than once."""

    name: str
    settings: tuple[tuple[str, str], ...]


class SystemdUnit(Struct, frozen=True):
    """One unit: its file name and its sections."""

    file: str
    sections: tuple[UnitSection, ...]

    @property
    def text(self) -> str:
        """The text of the unit file, without the head that says who wrote it."""
        return "\n".join(
            f"[{section.name}]\n" + "".join(f"{key}={value}\n" for key, value in section.settings)
            for section in self.sections
        )


def word(text: str, *, in_command: bool = False) -> str:
    """Return one word of a list or of a command line, quoted where systemd would split it.

    systemd expands `%` everywhere, and `$` in commands only.

    Raises:
        Misconfigured: the text has a line break or another control character.
    """
    escaped = path_value(text)
    if in_command:
        escaped = escaped.replace("$", "$$")
    if escaped and PLAIN.fullmatch(escaped):
        return escaped
    return '"' + escaped.replace("\\", "\\\\").replace('"', '\\"') + '"'


def path_value(text: str) -> str:
    """Return a setting that is one path: systemd takes the whole line and only expands `%`.

    Raises:
        Misconfigured: the text has a line break or another control character.
    """
    if not text.isprintable():
        raise Misconfigured(f"{text!r} has a control character: a systemd unit can't hold it")
    return text.replace("%", "%%")


def command(*words: str) -> str:
    """Return a command line as ExecStart= wants it."""
    return " ".join(word(one, in_command=True) for one in words)
