"""Grafana's official archive: fetched once into the data folder, or given as a file."""

import contextlib
import platform
import posixpath
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from contract.errors import StackError
from contract.settings import Settings
from stack.context import Say
from stack.processes.disk_space import refuse_full_disk
from stack.processes.grafana_download import Patience, download, published_digest
from stack.processes.jars import sha256_of

NO_GRAFANA = "NO_GRAFANA"
GRAFANA_ARCHIVE = "GRAFANA_ARCHIVE"
"""Variables of the environment: leave Grafana out; take this file instead of fetching one."""
FOLDER = "servers"
"""Where it is unpacked, in the data folder."""
NEEDED_BYTES = 1_500_000_000  # an archive of 200 MB, and 700 MB of what is in it
MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
"""What Python calls a machine -> what Grafana calls it."""
PATIENCE = Patience()
PROGRAMS = ("bin/grafana", "bin/grafana-server")


class UnpackedGrafana(Struct, frozen=True):
    """An unpacked archive."""

    home: Path

    @property
    def program(self) -> Path | None:
        """The server; None if there is none."""
        found = (self.home / name for name in PROGRAMS)
        return next((path for path in found if path.is_file()), None)


def archive_url(settings: Settings) -> str:
    """Return the address of the archive for this machine.

    Raises:
        StackError: there is none for such a machine.
    """
    machine = MACHINES.get(platform.machine().lower())
    if machine is None or platform.system() != "Linux":
        raise StackError(f"there is no archive for {platform.system()} on {platform.machine()}")
    name = f"grafana-{settings.grafana_version}.linux-{machine}.tar.gz"
    return f"{settings.grafana_mirror.rstrip('/')}/{name}"


def fetched_before(settings: Settings) -> UnpackedGrafana | None:
    """Return the Grafana of the pinned version that was unpacked before; None without one."""
    found = UnpackedGrafana(_home(settings))
    return found if found.program else None


def grafana_here(
    settings: Settings, environ: Mapping[str, str], say: Say, patience: Patience = PATIENCE
) -> UnpackedGrafana:
    """Return Grafana from a given file, from an earlier run, or fetched now.

    Raises:
        StackError: it can't be had; the message says why.
    """
    if given := environ.get(GRAFANA_ARCHIVE):
        return _given(Path(given), settings, say)
    if found := fetched_before(settings):
        return found
    url, home = archive_url(settings), _home(settings)
    refuse_full_disk(home.parent, NEEDED_BYTES, "Grafana")
    digest = published_digest(url, patience)
    say(f"Grafana {settings.grafana_version} is fetched once, beside everything else: {url}")
    home.parent.mkdir(parents=True, exist_ok=True)
    archive = home.parent / url.rpartition("/")[2]
    download(url, archive, digest, say, patience)
    unpack(archive, home)
    archive.unlink()
    return UnpackedGrafana(home)


def unpack(archive: Path, home: Path) -> None:
    """Unpack an archive, all or nothing: `home` is there once it is whole.

    Raises:
        StackError: it is no archive of Grafana, or would write outside its folder.
    """
    part = home.with_name(f"{home.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        with tarfile.open(archive, "r:*") as packed:
            for member in packed:
                _refuse_stray(member, archive)
                _extract(packed, member, part)
            while packed.fileobj and packed.fileobj.read(1 << 20):
                pass  # tarfile takes an archive that is cut off within its end for a whole one
    except (tarfile.TarError, EOFError, OSError) as error:
        shutil.rmtree(part, ignore_errors=True)
        raise StackError(f"{archive} can't be unpacked: {error}") from None
    except StackError:
        shutil.rmtree(part, ignore_errors=True)
        raise
    tops = [path for path in (part, *part.iterdir()) if UnpackedGrafana(path).program]
    if not tops:
        shutil.rmtree(part, ignore_errors=True)
        raise StackError(f"{archive} holds no {PROGRAMS[0]}: it is no archive of Grafana")
    shutil.rmtree(home, ignore_errors=True)
    tops[0].replace(home)
    shutil.rmtree(part, ignore_errors=True)


def _extract(packed: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Unpack a member, where this Python has it under its own guard, which also drops owners."""
    if hasattr(tarfile, "data_filter"):
        packed.extract(member, folder, filter="data")
    else:
        packed.extract(member, folder)


def _given(archive: Path, settings: Settings, say: Say) -> UnpackedGrafana:
    if not archive.is_file():
        raise StackError(f"{GRAFANA_ARCHIVE}={archive}: no such file")
    digest = sha256_of(archive)
    beside = archive.with_name(f"{archive.name}.sha256")
    if beside.is_file():
        with contextlib.suppress(OSError):
            if digest not in beside.read_text(errors="replace").lower():
                raise StackError(f"{archive} has another digest than {beside.name} says")
    home = Path(settings.folder).absolute() / FOLDER / f"grafana-file-{digest[:16]}"
    found = UnpackedGrafana(home)
    if found.program is None:
        say(f"Grafana is unpacked from {archive}")
        refuse_full_disk(home.parent, NEEDED_BYTES, "Grafana")
        unpack(archive, home)
    return found


def _refuse_stray(member: tarfile.TarInfo, archive: Path) -> None:
    """Refuse what is no file, folder or link within the archive's own folder."""
    strays = member.name.startswith("/") or _leaves(member.name)
    if member.issym():
        beside = posixpath.join(posixpath.dirname(member.name), member.linkname)
        strays = strays or member.linkname.startswith("/") or _leaves(beside)
    elif member.islnk():
        strays = strays or member.linkname.startswith("/") or _leaves(member.linkname)
    elif not (member.isfile() or member.isdir()):
        strays = True
    if strays:
        raise StackError(f"{archive} would write outside its folder: {member.name[:80]}")


def _leaves(path: str) -> bool:
    return posixpath.normpath(path).split("/")[0] == ".."


def _home(settings: Settings) -> Path:
    return Path(settings.folder).absolute() / FOLDER / f"grafana-{settings.grafana_version}"
