"""A disk of our own, that can be filled."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

SYS_ADMIN = 21  # the capability that mounting needs, by its bit (capabilities(7))


def may_mount() -> bool:
    """Whether the system lets this process mount, and there is something to make it with."""
    said = Path("/proc/self/status").read_text(encoding="ascii").split("CapEff:")[1].split()[0]
    return bool(int(said, 16) >> SYS_ADMIN & 1) and shutil.which("mkfs.ext4") is not None


needs_mounts = pytest.mark.skipif(not may_mount(), reason="mounting a disk is not allowed here")


class Disk:
    """A file system of our own, that can be filled and freed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def filling(self, then: Callable[..., object]) -> Callable[..., object]:
        """Full from a call on."""

        def call(*given: object) -> object:
            self.fill()
            return then(*given)

        return call

    def fill(self) -> None:
        """Take all that is free."""
        subprocess.run(
            ["fallocate", "--length=8g", str(self._ballast)], capture_output=True, check=False
        )
        assert os.statvfs(self.folder).f_bavail == 0

    def free(self) -> None:
        """Give it back."""
        self._ballast.unlink(missing_ok=True)

    @contextmanager
    def filled(self) -> Iterator[None]:
        """Full for a while."""
        self.fill()
        try:
            yield
        finally:
            self.free()


@contextmanager
def small_disk() -> Iterator[Disk]:
    """A file with a file system in it."""
    with TemporaryDirectory(prefix="quaymark-") as name:
        image, folder = Path(name) / "disk", Path(name) / "mounted"
        folder.mkdir()
        with image.open("wb") as file:
            file.truncate(3 << 30)  # sparse: promtool alone reserves 640 MB
        for command in (
            ("mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", str(image)),
            ("mount", "-o", "loop", str(image), str(folder)),
        ):
            subprocess.run(command, check=True)
        try:
            yield Disk(folder)
        finally:
            subprocess.run(["umount", str(folder)], check=True)
