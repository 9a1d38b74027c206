"""A statement read by the producers, in a process of their own: line by line, of any size."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryFile

import msgspec
from msgspec import Struct

from contract.errors import Misconfigured, StackError
from contract.evidence.statement import StatementEnd, StatementLine

_decode = msgspec.json.Decoder(StatementLine).decode
MOST_ERROR_BYTES = 2_000
_ERROR = re.compile(r"^(?:error|Error): ", re.MULTILINE)
"""How the reader begins a message, below the usage of its command."""


class StatementFiles(Struct, frozen=True):
    """The files of a statement, and how they are read."""

    paths: tuple[Path, ...]
    partner: str | None = None
    form: str | None = None
    sheet: str | None = None

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments of the producers' command."""
        named = {"--partner": self.partner, "--format": self.form, "--sheet": self.sheet}
        given = [word for name, value in named.items() if value for word in (name, value)]
        return (*given, "--", *map(str, self.paths))


def statement_lines(files: StatementFiles, environ: Mapping[str, str]) -> Iterator[StatementLine]:
    """Yield the lines of a statement; the last is its end.

    Raises:
        Misconfigured: a file can't be read, or is no statement.
        StackError: the reader fails.
    """
    command = (sys.executable, "-m", "producers", "statement", *files.arguments)
    with TemporaryFile() as errors:
        with subprocess.Popen(
            command, env=dict(environ), stdout=subprocess.PIPE, stderr=errors
        ) as reader:
            assert reader.stdout is not None
            ended = False
            try:
                for line in reader.stdout:
                    read = _decode(line)
                    ended = isinstance(read, StatementEnd)
                    yield read
            finally:
                if not ended:
                    reader.terminate()
        if not ended:
            errors.seek(0)
            said = errors.read()[-MOST_ERROR_BYTES:].decode(errors="replace").strip()
            message = _ERROR.split(said)[-1] or "the statement's reader ended early"
            raise (Misconfigured if reader.returncode == 2 else StackError)(message)
