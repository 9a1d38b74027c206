"""What a service runs: folder, program, environment and user of an installation."""

import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from contract.errors import Misconfigured
from contract.settings import PREFIX, Settings
from stack.processes import monitoring
from stack.service import env_file

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
SYSTEM_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
TEMPORARY = (Path("/tmp"), Path("/var/tmp"))
"""Folders that systemd empties, and of which a hardened service has its own."""
SOURCE = Path(__file__).parents[2]
"""The folder of the program's own modules."""
NEEDED = (
    monitoring.PROMETHEUS,
    monitoring.PROMTOOL,
    monitoring.ALERTMANAGER,
    monitoring.GRAFANA,
    ("setpriv",),
    ("timeout",),
)
"""The programs that `quaymark up` looks for on PATH."""


class Installation(Struct, frozen=True):
    """One folder with its settings, and how its commands are run."""

    name: str
    """The name of its units, without `.service`."""
    home: Path
    """The folder of quaymark.toml and .env: every relative path starts here."""
    settings: Settings
    program: tuple[str, ...]
    """The command line that runs `quaymark`."""
    environ: Mapping[str, str]
    """The settings and the PATH that the person has who installs it, without secrets."""
    user: str | None
    """Who it runs as, for a system unit; None for a unit of the user's own manager."""
    user_home: Path
    """The home folder of that user: Kafka's jars lie below it."""

    @property
    def is_system(self) -> bool:
        """Whether the unit belongs to the machine and not to one user."""
        return self.user is not None

    @property
    def data(self) -> Path:
        """The absolute folder of all data."""
        return self.home / self.settings.folder

    @property
    def environ_file(self) -> Path:
        """The .env file, which need not be there; its values come before those of the unit."""
        return self.home / env_file.NAME


def read_settings(home: Path, environ: Mapping[str, str]) -> Settings:
    """Return the settings that a service in this folder has: the environment's, then .env's.

    Raises:
        Misconfigured: .env or a setting has a mistake.
    """
    return Settings.from_env({**environ, **env_file.read_env_file(home / env_file.NAME)})


def kept_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what of an environment goes into a unit, which everybody on the machine may read."""
    kept = {
        name: value
        for name, value in environ.items()
        if name.startswith(PREFIX) and not env_file.is_secret(name, value)
    }
    found = [path for names in NEEDED if (path := monitoring.found(names))]
    folders = dict.fromkeys([*(str(Path(path).parent) for path in found), *SYSTEM_PATH])
    return {**kept, "PATH": ":".join(folders)}


def left_out(environ: Mapping[str, str]) -> list[str]:
    """Return the settings of an environment that a unit must not hold."""
    ours = {name: value for name, value in environ.items() if name.startswith(PREFIX)}
    return [name for name, value in sorted(ours.items()) if env_file.is_secret(name, value)]


def own_program() -> tuple[str, ...]:
    """Return the command line of `quaymark` in the environment that runs now."""
    script = Path(sys.executable).parent / "quaymark"
    found = shutil.which(str(script))
    return (found,) if found else (sys.executable, "-m", "stack")


def refuse_temporary(installation: Installation, *more: Path) -> None:
    """Make sure that nothing that the service needs lies in a folder of temporary files.

    A hardened service has a /tmp of its own, so systemd would say 203/EXEC of a program there, and
    data there is deleted after some days or at the next start of the machine.

    Raises:
        Misconfigured: something does; its path is named.
    """
    settings = installation.settings
    inbox = (installation.home / settings.inbox,) if settings.inbox else ()
    programs = (Path(installation.program[0]), SOURCE)
    data = (installation.home, installation.data, *inbox, *more)
    for path in (*programs, *data):
        folder = next((tmp for tmp in TEMPORARY if path.resolve().is_relative_to(tmp)), None)
        if folder is not None:
            mend = (
                "clone quaymark into another folder, run `make .venv/.runtime` there, and install "
                "the service with that program"
                if path in programs
                else "move it to another folder, such as one below /srv or your home, and install "
                "the service there"
            )
            raise Misconfigured(
                f"{path} lies below {folder}, which a service does not see and the machine "
                f"empties: {mend}"
            )


def checked_name(name: str) -> str:
    """Return a name that units can have.

    Raises:
        Misconfigured: it has other characters.
    """
    if not NAME.fullmatch(name):
        raise Misconfigured(f"--name is {name!r}, expected letters, digits, - and _")
    return name
