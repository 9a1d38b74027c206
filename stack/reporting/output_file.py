"""A file that a person named for a report: written whole, or not at all."""

import os
from pathlib import Path

from contract.errors import StackError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole: a reader never sees half of it.

    Raises:
        StackError: the folder does not exist, can't be written to, or the disk is full.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StackError(f"{path}: {error.strerror}; nothing was written") from None
