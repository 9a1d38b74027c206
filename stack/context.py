"""The context of a command: settings, environment, terminal, clock, and the port's book."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

import click
from msgspec import Struct
from rich.console import Console

from contract.book import Book, read_book
from contract.errors import Misconfigured
from contract.settings import Settings

Say = Callable[[str], None]
"""Prints one line for the user."""


class Clock(Protocol):
    """A function that returns the current time."""

    def __call__(self) -> datetime:
        """Return the current time, with its time zone."""


class CommandContext(Struct, frozen=True):
    """What every command gets; made once by the entry point."""

    settings: Settings
    environ: Mapping[str, str]
    console: Console
    now: Clock

    @property
    def folder(self) -> Path:
        """The folder of data, logs and the pid file."""
        return Path(self.settings.folder)

    def say(self, line: str) -> None:
        """Print a line, without markup and without wrapping."""
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def say_aside(self, line: str) -> None:
        """Print a line that is no part of the answer, such as that one waits: to standard error.

        The output of `--json` is one document then, whatever happens.
        """
        click.echo(line, err=True)

    def book(self) -> Book:
        """Read the port's book.

        Raises:
            Misconfigured: the file can't be read, or has a mistake.
        """
        path = self.settings.book
        return read_book(text_of(path, "QUAYMARK_BOOK"), path)


def text_of(path: str, setting: str) -> str:
    """Return the text of a file that the user wrote.

    Raises:
        Misconfigured: the file does not exist or can't be read; `setting` names another.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise Misconfigured(
            f"{path}: {error.strerror}; run this in the project's folder, or set {setting} to the "
            "file's path"
        ) from None
    except UnicodeDecodeError as error:
        raise Misconfigured(f"{path}: not UTF-8 ({error.reason})") from None
