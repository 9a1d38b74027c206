"""A disk of our own, that can be filled."""

import errno
import fcntl
import os
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

SYS_ADMIN = 21  # the capability that mounting needs, by its bit (capabilities(7))
LOOP_CONTROL, LOOP = (10, 237), 7  # device numbers (the kernel's devices.txt)
GET_FREE, SET_FD, CLEAR_FD = 0x4C82, 0x4C00, 0x4C01  # loop(4)
HOW_TO_GET = (
    "run the tests as root with mkfs.ext4 (package e2fsprogs), mount and fallocate, where the "
    "kernel has loop devices (`modprobe loop`) and lets them be used (in a container, "
    "`--privileged`)"
)
FREE_SECONDS = 30  # for others that look for a free device at the same time
PROGRAMS = ("mkfs.ext4", "mount", "umount", "fallocate")


def can_be_made() -> bool:
    """Whether this process may mount, has a loop device, and something to make it with."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    capabilities = int(status.split("CapEff:")[1].split()[0], 16)
    if not (capabilities >> SYS_ADMIN & 1 and all(map(shutil.which, PROGRAMS))):
        return False
    try:
        with TemporaryDirectory(prefix="quaymark-") as name:
            _free_loop(Path(name))
    except OSError:
        return False
    return True


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
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", image], check=True)
        with _loop(Path(name), image) as device:
            subprocess.run(["mount", "-t", "ext4", device, folder], check=True)
            try:
                yield Disk(folder)
            finally:
                subprocess.run(["umount", folder], check=True)


@contextmanager
def _loop(folder: Path, image: Path) -> Iterator[Path]:
    """A loop device with an image behind it."""
    deadline = time.monotonic() + FREE_SECONDS
    while True:
        device = _free_loop(folder)
        file = device.open("r+b", buffering=0)
        try:
            with image.open("r+b") as behind:
                fcntl.ioctl(file, SET_FD, behind.fileno())
            break
        except OSError as error:  # another process has just taken it
            file.close()
            if error.errno != errno.EBUSY or time.monotonic() > deadline:
                raise
    try:
        yield device
    finally:
        fcntl.ioctl(file, CLEAR_FD)
        file.close()


def _free_loop(folder: Path) -> Path:
    """A free loop device, by nodes of our own: a chroot or a container has none in /dev."""
    control, device = folder / "loop-control", folder / "loop"
    for node in (control, device):
        node.unlink(missing_ok=True)
    os.mknod(control, stat.S_IFCHR | 0o600, os.makedev(*LOOP_CONTROL))
    with control.open("rb", buffering=0) as file:
        number = fcntl.ioctl(file, GET_FREE)
    os.mknod(device, stat.S_IFBLK | 0o600, os.makedev(LOOP, number))
    return device
