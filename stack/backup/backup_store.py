"""The files of a backup: put in whole, checked by digest, taken away once nothing names them."""

import fcntl
import hashlib
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from contract.errors import StackError
from stack.backup.backup_manifest import BackupManifest, BackupPart, StoredFile

CHUNK_BYTES = 1 << 20
MAKING = ".making"


class BackupStore:
    """The folder of a backup and what its last whole manifest names."""

    def __init__(self, folder: Path, last: BackupManifest | None) -> None:
        self.folder = folder
        self._known = {(file.part, file.name): file for file in (last.files if last else ())}
        self.added_bytes = 0

    def put_bytes(self, part: BackupPart, name: str, content: bytes) -> StoredFile:
        """Put in a small file.

        Raises:
            OSError: the disk refuses it.
        """
        digest = hashlib.sha256(content).hexdigest()
        stored = StoredFile(part, name, len(content), digest)
        path = self.folder / stored.path
        if not self._has(stored):
            with _making(path) as making:
                making.write_bytes(content)
            self.added_bytes += stored.size
        return stored

    def put_file(
        self, part: BackupPart, name: str, source: Path, *, unchanging: bool = False
    ) -> StoredFile:
        """Put in a file as it is now.

        One that is `unchanging` once it exists (a block's index and chunks) is not read again if
        the last backup has one of its name and size.

        Raises:
            OSError: it can't be read, or the disk refuses it.
        """
        known = self._known.get((part, name)) if unchanging else None
        if known and known.size == source.stat().st_size and self._has(known):
            return known
        making = self.folder / part / f"{name}{MAKING}"
        making.parent.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with source.open("rb") as reading, making.open("wb") as writing:
            while chunk := reading.read(CHUNK_BYTES):
                digest.update(chunk)
                writing.write(chunk)
                size += len(chunk)
            writing.flush()
            os.fsync(writing.fileno())
        stored = StoredFile(part, name, size, digest.hexdigest())
        path = self.folder / stored.path
        if self._has(stored):
            making.unlink()
        else:
            making.replace(path)
            self.added_bytes += size
        return stored

    def sweep(self, kept: Collection[StoredFile]) -> None:
        """Remove what no manifest names: older versions, and what a killed backup began.

        Raises:
            OSError: a file can't be removed.
        """
        named = {self.folder / file.path for file in kept}
        for part in BackupPart:
            for path in sorted((self.folder / part).rglob("*"), reverse=True):
                if path.is_dir():
                    if not any(path.iterdir()):
                        path.rmdir()
                elif path not in named:
                    path.unlink()

    def _has(self, file: StoredFile) -> bool:
        try:
            return (self.folder / file.path).stat().st_size == file.size
        except FileNotFoundError:
            return False


def faults(folder: Path, files: Collection[StoredFile]) -> Iterator[str]:
    """Yield what is wrong with the files of a backup: missing, cut short, damaged."""
    for file in files:
        path = folder / file.path
        try:
            size = path.stat().st_size
            if size != file.size:
                yield f"{path} has {size:,} bytes, {file.size:,} were written"
            elif sha256(path) != file.sha256:
                yield f"{path} has another checksum than was written"
        except FileNotFoundError:
            yield f"{path} is missing"
        except OSError as error:
            yield f"{path} can't be read: {error.strerror}"


def lay_out(folder: Path, files: Mapping[str, StoredFile], target: Path) -> None:
    """Copy files of a backup to where they belong below `target`, under their own names.

    Raises:
        StackError: a file can't be copied, or is not what the manifest says.
    """
    for name, file in files.items():
        path = target / name
        if not path.resolve().is_relative_to(target.resolve()):
            raise StackError(
                f"{folder}: {name} would lie outside of its folder; nobody wrote that"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with (folder / file.path).open("rb") as reading, path.open("wb") as writing:
            while chunk := reading.read(CHUNK_BYTES):
                digest.update(chunk)
                writing.write(chunk)
        if digest.hexdigest() != file.sha256:
            raise StackError(f"{folder / file.path} has another checksum than was written")


def sha256(path: Path) -> str:
    """Return the digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def one_writer(folder: Path) -> Iterator[None]:
    """Keep the folder of a backup for one writer while the block runs.

    Raises:
        StackError: somebody else writes there, or nobody can.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
    except OSError as error:
        raise StackError(f"{folder}: {error.strerror}: a backup can't be written there") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(f"{folder}: another `quaymark backup` writes there") from None
        yield


@contextmanager
def _making(path: Path) -> Iterator[Path]:
    """Give a file to write to; it takes its name once it is whole and on disk."""
    making = path.with_name(path.name + MAKING)
    making.parent.mkdir(parents=True, exist_ok=True)
    yield making
    with making.open("rb+") as file:
        os.fsync(file.fileno())
    making.replace(path)
