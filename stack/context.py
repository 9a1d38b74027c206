"""What a command is handed: settings, environment, terminal, clock, and the user's book."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from msgspec import Struct
from rich.console import Console

from contract.book import Book, read_book
from contract.errors import Misconfigured
from contract.settings import Settings


class Clock(Protocol):
    """Says what time it is."""

    def __call__(self) -> datetime:
        """Now, aware."""


class CommandContext(Struct, frozen=True):
    """Made once at the door and passed to each command."""

    settings: Settings
    environ: Mapping[str, str]
    console: Console
    now: Clock

    @property
    def folder(self) -> Path:
        """Where data, logs and the pid file are."""
        return Path(self.settings.folder)

    def say(self, line: str) -> None:
        """Print a line as it is."""
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def book(self) -> Book:
        """The port's book.

        Raises:
            Misconfigured: it can't be read, or has a mistake.
        """
        path = self.settings.book
        return read_book(text_of(path, "QUAYMARK_BOOK"), path)


def text_of(path: str, setting: str) -> str:
    """The text of a file of the user's.

    Raises:
        Misconfigured: it is not there or can't be read.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise Misconfigured(
            f"{path}: {error.strerror}; run this in the project's folder, or let {setting} name it"
        ) from None
    except UnicodeDecodeError as error:
        raise Misconfigured(f"{path}: not UTF-8 ({error.reason})") from None
