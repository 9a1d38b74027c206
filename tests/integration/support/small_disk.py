"""A small file system on a loop device, which a test can fill."""

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

SYS_ADMIN = 21  # bit of the capability that mounting needs (capabilities(7))
LOOP_CONTROL, LOOP = (10, 237), 7  # device numbers (the kernel's devices.txt)
GET_FREE, SET_FD, CLEAR_FD = 0x4C82, 0x4C00, 0x4C01  # loop(4)
HOW_TO_GET = (
    "run the tests as root with mkfs.ext4 (package e2fsprogs), mount and fallocate, where the "
    "kernel has loop devices (`modprobe loop`) and lets them be used (in a container, "
    "`--privileged`)"
)
FREE_SECONDS = 30  # parallel tests may take the free device first
PROGRAMS = ("mkfs.ext4", "mount", "umount", "fallocate")


def can_be_made() -> bool:
    """Whether this process may mount, has a loop device, and finds the programs it needs."""
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
    """A mounted file system that can be filled and freed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def filling(self, then: Callable[..., object]) -> Callable[..., object]:
        """Wrap a function so that the disk is full from its first call on."""

        def call(*given: object) -> object:
            self.fill()
            return then(*given)

        return call

    def fill(self) -> None:
        """Use up all free space."""
        subprocess.run(
            ["fallocate", "--length=8g", str(self._ballast)], capture_output=True, check=False
        )
        assert os.statvfs(self.folder).f_bavail == 0

    def free(self) -> None:
        """Free the space again."""
        self._ballast.unlink(missing_ok=True)

    @contextmanager
    def filled(self) -> Iterator[None]:
        """Keep the disk full for the duration of the block."""
        self.fill()
        try:
            yield
        finally:
            self.free()


@contextmanager
def small_disk() -> Iterator[Disk]:
    """Create a file system in an image file, and mount it for the duration of the block."""
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
    """Attach an image to a free loop device, and yield the device."""
    deadline = time.monotonic() + FREE_SECONDS
    while True:
        device = _free_loop(folder)
        file = device.open("r+b", buffering=0)
        try:
            with image.open("r+b") as behind:
                fcntl.ioctl(file, SET_FD, behind.fileno())
            break
        except OSError as error:  # another process has taken the device meanwhile
            file.close()
            if error.errno != errno.EBUSY or time.monotonic() > deadline:
                raise
    try:
        yield device
    finally:
        fcntl.ioctl(file, CLEAR_FD)
        file.close()


def _free_loop(folder: Path) -> Path:
    """Return a free loop device; make its node, as a container may have none in /dev."""
    control, device = folder / "loop-control", folder / "loop"
    for node in (control, device):
        node.unlink(missing_ok=True)
    os.mknod(control, stat.S_IFCHR | 0o600, os.makedev(*LOOP_CONTROL))
    with control.open("rb", buffering=0) as file:
        number = fcntl.ioctl(file, GET_FREE)
    os.mknod(device, stat.S_IFBLK | 0o600, os.makedev(LOOP, number))
    return device
