"""New files put into a folder all at once or not at all; what is there is never replaced."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from contract.errors import Misconfigured, StackError

NEW = ".new"  # ending of a file that is not in place yet
MODE = 0o600  # of .env, which may hold secrets later


def refuse_present(folder: Path, names: tuple[str, ...]) -> None:
    """Make sure that none of these files exists.

    Raises:
        Misconfigured: some do, or `folder` is no folder; nothing was written.
    """
    if folder.exists() and not folder.is_dir():
        raise Misconfigured(f"{folder} is no folder")
    if present := [name for name in names if os.path.lexists(folder / name)]:
        raise Misconfigured(
            f"{folder} holds already: {', '.join(present)}; nothing was written, as "
            "nothing is overwritten: name another folder, or move it away first"
        )


def put(
    folder: Path, files: Mapping[str, str], check: Callable[[Mapping[str, Path]], None]
) -> None:
    """Write the files beside their places, have them read, and put all of them in place.

    `check` gets name -> path of each new file.

    Raises:
        Misconfigured: a file is there already, or `check` refuses one; nothing is left behind.
        StackError: the folder can't be written.
    """
    refuse_present(folder, tuple(files))
    new = {name: folder / f".{name.removeprefix('.')}.{os.getpid()}{NEW}" for name in files}
    placed: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, path in new.items():
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _mode(name))
            with open(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(files[name])
        check(new)
        for name, path in new.items():
            os.link(path, folder / name)  # unlike a rename, it never replaces
            placed.append(folder / name)
    except BaseException as error:
        for path in placed:
            path.unlink(missing_ok=True)
        if isinstance(error, FileExistsError):
            refuse_present(folder, tuple(name for name in files if folder / name not in placed))
        if isinstance(error, OSError):
            raise StackError(f"{folder}: {error.strerror}; nothing was written") from None
        raise
    finally:
        for path in new.values():
            path.unlink(missing_ok=True)


def _mode(name: str) -> int:
    return MODE if name == ".env" else 0o644
