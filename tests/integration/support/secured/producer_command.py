"""A command of the producers in this process: what it prints, and its exit code."""

import io
import logging
import os
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import structlog

from producers.__main__ import main
from tests.unit.stack.command_line import Done


def producer(arguments: tuple[str, ...], folder: Path, environ: Mapping[str, str]) -> Done:
    """Run `python -m producers <arguments>` in a folder, with this environment alone."""
    out, error = io.StringIO(), io.StringIO()
    root, code = logging.getLogger(), 0
    handlers, level = root.handlers, root.level
    with (
        chdir(folder),
        mock.patch.dict(os.environ, environ, clear=True),  # noqa: TID251  # the command reads it
        mock.patch("sys.argv", ["producers", *arguments]),
        redirect_stdout(out),
        redirect_stderr(error),
    ):
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:  # the command sets up its log for a process of its own
            root.handlers, root.level = handlers, level
            structlog.reset_defaults()
    return Done(code, out.getvalue(), error.getvalue())
