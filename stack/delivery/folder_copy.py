"""A copy of a report's files in a folder of the user's: each file whole, by one rename."""

import os
from collections.abc import Mapping
from pathlib import Path

from stack.delivery.delivery_error import DeliveryFault, FaultKind


def copy_report(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files into a folder that is there, and its PDF as latest-<kind>-<language>.pdf.

    Raises:
        DeliveryFault: the folder is not there, can't be written, or the disk is full.
    """
    names = dict(files)
    for name, content in files.items():
        stem, _, ending = name.rpartition(".")
        if ending == "pdf":
            owner, kind = stem.split("-")[:2]
            names[f"latest-{owner}-{kind}-{stem.rpartition('-')[2]}.pdf"] = content
    try:
        for name, content in names.items():
            part = folder / f".{name}.part"
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, folder / name)
    except OSError as error:
        raise DeliveryFault(FaultKind.UNREADABLE, f"{folder}: {error.strerror}") from None
