"""A command of quaymark in this process: what its entry point prints, and its exit code.

A process of its own needs half a second for imports alone.
"""

import io
import os
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from stack.__main__ import main


class Done(NamedTuple):
    """A command that has ended."""

    returncode: int
    stdout: str
    stderr: str


class _StandardInput(io.StringIO):
    name = "<stdin>"


def quaymark(
    arguments: tuple[str, ...], folder: Path, environ: Mapping[str, str], given: str = ""
) -> Done:
    """Run `quaymark <arguments>` in a folder, with this environment and standard input alone."""
    out, error = io.StringIO(), io.StringIO()
    code: object = 0
    with (
        chdir(folder),
        mock.patch.dict(os.environ, environ, clear=True),  # noqa: TID251  # the command reads it
        mock.patch("sys.argv", ["quaymark", *arguments]),
        mock.patch("sys.stdin", _StandardInput(given)),
        redirect_stdout(out),
        redirect_stderr(error),
    ):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    assert code is None or isinstance(code, int)
    return Done(code or 0, out.getvalue(), error.getvalue())
