"""Units brought into systemd and taken out again; each step is said."""

import os
import pwd
from collections.abc import Iterator, Sequence
from pathlib import Path

from contract.errors import Misconfigured, StackError
from stack.context import Say
from stack.processes import lock
from stack.service.installation import Installation
from stack.service.systemctl import Systemctl
from stack.service.unit import SystemdUnit
from stack.service.unit_store import UnitState, UnitStore

CACHES = (".cache", ".m2")  # of the user: Kafka's jars are kept there


class UnitInstaller:
    """The units of one installation in one systemd."""

    def __init__(
        self, store: UnitStore, systemd: Systemctl, installation: Installation, version: str
    ) -> None:
        self._store, self._systemd = store, systemd
        self._installation, self._version = installation, version

    def refuse_foreign(self, units: Sequence[SystemdUnit], say: Say) -> None:
        """Make sure that none of these names is somebody else's, before anything is written.

        Raises:
            Misconfigured: a person changed such a unit, or it belongs to another folder.
        """
        home = self._installation.home
        for unit in units:
            path, other = self._store.path(unit.file), self._store.home(unit.file)
            if other is not None and Path(other) != home:
                raise Misconfigured(
                    f"{path} runs the port in {other}, this is {home}: give this one a --name of "
                    "its own"
                )
            if self._store.state(unit, self._version) is UnitState.CHANGED:
                for line in self._store.difference(unit, self._version):
                    say(line)
                raise Misconfigured(
                    f"{path} was changed by hand, so it stays as it is; the difference "
                    "stands above.  Put your own settings beside it "
                    f"(`{self._hint('edit', unit.file)}`), move the file away, then install again"
                )

    def prepare_folders(self, *more: Path) -> Iterator[str]:
        """Make the folders that the service writes to: a hardened one can't make them itself.

        Of a folder that was there it says if it is somebody else's.

        Raises:
            StackError: one can't be made.
        """
        made = [self._installation.data, *more]
        if self._installation.is_system:
            made += [self._installation.user_home / name for name in CACHES]
        for folder in made:
            try:
                if not folder.exists():
                    folder.mkdir(parents=True)
                    self._give(folder)
                elif (owner := self._other_owner(folder)) is not None:
                    yield (
                        f"{folder} belongs to {owner}, and the service runs as "
                        f"{self._installation.user}: let it write there"
                    )
            except OSError as error:
                raise StackError(f"{folder}: {error.strerror}") from None

    def install(self, units: Sequence[SystemdUnit]) -> Iterator[str]:
        """Write the units that differ, and say what was done with each.

        Raises:
            Misconfigured: this user may not write there.
            StackError: the disk or systemd refuses.
        """
        for unit in units:
            state = self._store.state(unit, self._version)
            if state is UnitState.SAME:
                yield f"{self._store.path(unit.file)} is up to date"
                continue
            self._store.write(unit, self._version)
            verb = "wrote" if state is UnitState.MISSING else "renewed"
            yield f"{verb} {self._store.path(unit.file)}"
        self._systemd.run("daemon-reload")

    def start(self, file: str, *, start: bool) -> Iterator[str]:
        """Let a unit start with the machine, and now unless the port runs outside of systemd.

        Raises:
            StackError: systemd refuses.
        """
        self._systemd.run("enable", file)
        yield f"enabled {file}: it starts with the machine"
        state = self._systemd.properties(file, ("ActiveState",)).get("ActiveState")
        holder = lock.holder(self._installation.data)
        if state in ("active", "activating", "reloading"):
            yield f"{file} runs already; new settings hold from `{self._hint('restart', file)}` on"
        elif file.endswith(".service") and holder is not None:
            yield (
                f"the port runs already, as process {holder}: stop it with `quaymark down`, then "
                f"`{self._hint('start', file)}`"
            )
        elif start:
            self._systemd.run("start", "--no-block", file)
            yield f"started {file}"
        else:
            yield f"not started, as asked: `{self._hint('start', file)}` does that"

    def remove(self, files: Sequence[str]) -> Iterator[str]:
        """Stop units, and take them out of systemd; data stays.

        Raises:
            Misconfigured: this user may not.
            StackError: systemd refuses.
        """
        there = [file for file in files if self._store.path(file).exists()]
        for file in there:
            self._systemd.run("disable", "--now", file)
            if said := self._store.take_away(file):
                yield f"stopped {file}; {said}"
        if there:
            self._systemd.run("daemon-reload")

    def _hint(self, *arguments: str) -> str:
        return self._systemd.hint(*arguments)

    def _other_owner(self, folder: Path) -> str | None:
        """Name the owner of a folder, if the service runs as another user who is not root."""
        user = self._installation.user
        if user is None or pwd.getpwnam(user).pw_uid in (0, folder.stat().st_uid):
            return None
        try:
            return folder.owner()
        except KeyError:  # of a container, or of another machine's disk
            return f"user {folder.stat().st_uid}"

    def _give(self, folder: Path) -> None:
        """Give a folder that root made to the user of the service."""
        if self._installation.user is not None and os.geteuid() == 0:
            user = pwd.getpwnam(self._installation.user)
            os.chown(folder, user.pw_uid, user.pw_gid)
