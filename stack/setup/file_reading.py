"""The port's own files read by the producers: what they show, and a dry run of their import."""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from contract.errors import Misconfigured, StackError
from contract.evidence.file_evidence import FileEvidence

ANY_PORT = """[port]
time_zone = "UTC"
un_location_code = "ZZZZZ"

[[area]]
code = "any"
name = { zh = "any", en = "any" }

[[area.terminal]]
code = "any"
name = { zh = "any", en = "any" }
"""
"""A book for reading files of which nothing is known yet."""


def evidence_of(files: tuple[Path, ...], environ: Mapping[str, str]) -> FileEvidence:
    """Return what files and folders show of their senders.

    Raises:
        Misconfigured: one of them does not exist, or none holds a record.
        StackError: they can't be read.
    """
    for path in files:
        if not path.exists():
            raise Misconfigured(f"--from {path}: there is no such file or folder")
    done = _produce(ANY_PORT, ("evidence", *map(str, files)), environ)
    if done.returncode:
        raise StackError(f"producers evidence: {done.stderr.strip()[-500:]}")
    return msgspec.json.decode(done.stdout, type=FileEvidence)


def dry_run(book: str, files: tuple[Path, ...], environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the summary of a dry run of an import of the files by the text of a book.

    Raises:
        StackError: the import fails.
    """
    done = _produce(book, ("import", *map(str, files), "--dry-run", "--json"), environ)
    if done.returncode not in (0, 1, 2) or not done.stdout:
        raise StackError(f"producers import: {done.stderr.strip()[-500:]}")
    summary: dict[str, Any] = msgspec.json.decode(done.stdout)
    return summary


def _produce(
    book: str, command: tuple[str, ...], environ: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "quaymark.toml"
        path.write_text(book, encoding="utf-8")
        return subprocess.run(
            (sys.executable, "-m", "producers", *command),
            env={**environ, "QUAYMARK_BOOK": str(path)},
            capture_output=True,
            text=True,
            check=False,
        )
