"""systemd asked and told: its units are enabled, started, stopped and shown."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from contract.errors import Misconfigured, StackError

BOOTED = Path("/run/systemd/system")
"""There while systemd runs the machine; sd_booted(3) looks at nothing else."""
SYSTEM_UNITS = Path("/etc/systemd/system")


class Systemctl:
    """systemd's manager of the machine, or of one user."""

    def __init__(self, *, system: bool) -> None:
        self._scope = "--system" if system else "--user"

    def run(self, *arguments: str) -> str:
        """Run systemctl, and return what it says.

        Raises:
            StackError: it fails; the message says how.
        """
        done = self._done("systemctl", self._scope, *arguments)
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            raise StackError(f"systemctl {self._scope} {' '.join(arguments)}: {said}")
        return done.stdout

    def properties(self, unit: str, names: Sequence[str]) -> dict[str, str]:
        """Return some of a unit's properties; they are there for a unit that is not, too."""
        shown = self.run("show", unit, f"--property={','.join(names)}")
        pairs = (line.partition("=") for line in shown.splitlines())
        return {name: value for name, equals, value in pairs if equals}

    def last_lines(self, unit: str, lines: int) -> list[str]:
        """Return the last lines that a unit wrote into the journal; none if it can't be read."""
        journal = "--unit" if self._scope == "--system" else "--user-unit"
        done = self._done(
            *("journalctl", f"{journal}={unit}", f"--lines={lines}"),
            *("--output=cat", "--no-pager", "--quiet"),
        )
        return done.stdout.splitlines() if done.returncode == 0 else []

    def hint(self, *arguments: str) -> str:
        """Return the command line that a person types for the same."""
        sudo = "sudo systemctl" if self._scope == "--system" else "systemctl --user"
        return " ".join((sudo, *arguments))

    def _done(self, *line: str) -> "subprocess.CompletedProcess[str]":
        try:
            return subprocess.run(
                line, capture_output=True, text=True, errors="replace", timeout=60, check=False
            )
        except subprocess.TimeoutExpired:
            raise StackError(f"{' '.join(line)} gave no answer within a minute") from None
        except OSError as error:
            raise StackError(f"{line[0]} can't be run: {error.strerror}") from None


def refuse_no_systemd() -> None:
    """Make sure that systemd runs this machine.

    Raises:
        Misconfigured: it does not.
    """
    if shutil.which("systemctl") is None or not BOOTED.is_dir():
        raise Misconfigured(
            "systemd does not run this machine, so there is nothing to install a service in: "
            "`quaymark up` runs in a terminal or under another supervisor (it stops in order on "
            "SIGTERM), docs/containers.md says how in containers, and `quaymark service install "
            "--print` prints the units for another machine"
        )
