"""Free space on the disk of a folder."""

import shutil
from pathlib import Path

from contract.errors import StackError


def refuse_full_disk(folder: Path, needed: int, purpose: str) -> None:
    """Make sure that the disk of a folder has `needed` bytes free for a purpose.

    Raises:
        StackError: it has fewer; the message says what needs them, and to make room.
    """
    if (free := free_bytes(folder)) < needed:
        raise StackError(
            f"{folder}: {free / 1e9:.1f} GB are free, but {purpose} takes {needed / 1e9:.1f} GB: "
            "make room"
        )


def free_bytes(folder: Path) -> int:
    """Return the free bytes on the disk of a folder, which need not exist yet."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
