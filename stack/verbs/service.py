"""service install, status, remove: the installation as a service of systemd."""

import os
import pwd
import re
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TypedDict, Unpack

import click
from msgspec.structs import replace

from archive.last_backup import expect_backup
from contract.errors import Misconfigured, StackError
from stack import render
from stack.context import CommandContext
from stack.processes import jars
from stack.processes.broker_session import own_broker
from stack.service.hardening import MEMORY_MAX
from stack.service.installation import (
    Installation,
    checked_name,
    kept_environ,
    left_out,
    own_program,
    read_settings,
    refuse_temporary,
)
from stack.service.installer import UnitInstaller
from stack.service.service_status import LINES, service_status, timer_line
from stack.service.systemctl import SYSTEM_UNITS, Systemctl, refuse_no_systemd
from stack.service.unit_store import UnitStore, full_text
from stack.service.units import backup_units, up_unit
from stack.status import target_table

VERSION = version("quaymark")
TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
MEMORY = re.compile(r"\d+(\.\d+)?[KMGT]|\d{1,2}%")

_NAME = click.option(
    "--name", default="quaymark", show_default=True, help="Name of the units, one for each folder."
)
_SYSTEM = click.option(
    "--system", is_flag=True, help="A service of the machine; without it, one of your own."
)


class InstallOptions(TypedDict):
    """The options of `service install`, as click passes them."""

    name: str
    system: bool
    user: str | None
    simulate: bool
    backup: Path | None
    at: str
    memory: str
    no_start: bool
    printed: bool


@click.group()
def service() -> None:
    """Run the port as a service that survives a reboot.

    Example: quaymark service install --backup /backup/port
    """


@service.command()
@_NAME
@_SYSTEM
@click.option("--user", metavar="NAME", help="Who runs a --system service; the folder's owner.")
@click.option(
    "--simulate/--no-simulate",
    default=False,
    help="Whether the simulated port sends events; not, if not given.",
)
@click.option("--backup", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
              help="Make a backup into DIR every night, too.")  # fmt: skip
@click.option("--at", default="02:30", show_default=True, help="When, in the machine's time zone.")
@click.option(
    "--memory", default=MEMORY_MAX, show_default=True, help="Limit: 6G, or a share of the machine."
)
@click.option("--no-start", is_flag=True, help="Don't start it now, only with the machine.")
@click.option("--print", "printed", is_flag=True, help="Print the units, and change nothing.")
@click.pass_obj
def install(context: CommandContext, **options: Unpack[InstallOptions]) -> None:
    """Install `quaymark up` in this folder as a service of systemd, and start it.

    The settings that the environment has now go into the unit; a .env file in this folder is read
    at each start.  A unit that a person changed is never overwritten.

    Example: quaymark service install --system --backup /backup/port --at 02:30
    """
    name, system, user = options["name"], options["system"], options["user"]
    backup, at, memory = options["backup"], options["at"], options["memory"]
    if user is not None and not system:
        raise click.UsageError("--user names who runs a --system service; yours runs as you")
    if not TIME_OF_DAY.fullmatch(at):
        raise click.UsageError(f"--at is {at}, expected a time of day such as 02:30")
    if not MEMORY.fullmatch(memory):
        raise click.UsageError(f"--memory is {memory}, expected a size such as 6G, or 80%")
    installation = _installation(context, name, user, system=system)
    units = [up_unit(installation, simulate=options["simulate"], memory=memory)]
    if backup is not None:
        backup = backup.absolute()
        units += backup_units(installation, backup, at)
    if options["printed"]:
        for unit in units:
            heading = f"# {unit.file}\n" if len(units) > 1 else ""
            click.echo(heading + full_text(unit, VERSION), nl=len(units) > 1)
        return
    refuse_no_systemd()
    folders = (backup,) if backup is not None else ()
    refuse_temporary(installation, *folders)
    checked = replace(context, settings=installation.settings)
    target_table.wanted(checked.settings, checked.book())  # a mistake is better seen now
    render.local_site(checked.settings)
    systemd = Systemctl(system=system)
    installer = UnitInstaller(_store(system=system), systemd, installation, VERSION)
    installer.refuse_foreign(units, context.say)
    if not system and own_broker(installation.settings) is not None:
        jars.class_path(context.say)
    if backup is not None and not backup.parent.is_dir():
        raise Misconfigured(
            f"--backup {backup}: there is no folder {backup.parent}; is it mounted?"
        )
    for line in (*installer.prepare_folders(*folders), *installer.install(units)):
        context.say(line)
    if backup is not None:
        _expect(installation, backup, context.now())
    started = [unit.file for unit in units if not unit.file.endswith("-backup.service")]
    for file in started:
        for line in installer.start(file, start=not options["no_start"]):
            context.say(line)
    if not system:
        _hint_at_lingering(context)
    for secret in left_out(context.environ):
        context.say(
            f"{secret} is a secret and not in the unit: put it into {installation.environ_file}, "
            "which nobody else should be able to read (chmod 600)"
        )
    context.say(f"next: `quaymark service status{_options(name, system=system)}`")


@service.command()
@_NAME
@_SYSTEM
@click.option("--lines", type=click.IntRange(0), default=LINES, show_default=True,
              help="How many of its last lines.")  # fmt: skip
@click.pass_obj
def status(context: CommandContext, name: str, system: bool, lines: int) -> None:
    """Show whether the service runs, since when, and what it said last.

    Exits with 1 if it is not installed, stopped or failed, or if its last backup failed.

    Example: quaymark service status
    """
    refuse_no_systemd()
    systemd, unit = Systemctl(system=system), f"{checked_name(name)}.service"
    found = service_status(systemd, unit)
    options = _options(name, system=system)
    if not found.is_installed:
        raise StackError(f"{unit} is not installed: `quaymark service install{options}` does that")
    for line in (*found.lines(), *systemd.last_lines(unit, lines)):
        context.say(line)
    backup = service_status(systemd, f"{name}-backup.service")
    if timer := timer_line(systemd, f"{name}-backup.timer"):
        context.say(timer)
    if backup.failed:
        for line in (*backup.lines(), *systemd.last_lines(backup.unit, lines)):
            context.say(line)
    context.say(f"the logs of its parts are in {context.folder.absolute() / 'log'}")
    if not found.runs:
        raise StackError(f"{unit} does not run: `{systemd.hint('start', unit)}` starts it")
    if backup.failed:
        raise StackError("the last backup failed")


@service.command()
@_NAME
@_SYSTEM
@click.pass_obj
def remove(context: CommandContext, name: str, system: bool) -> None:
    """Stop the service and its timer, and take their units away; all data stays.

    Example: quaymark service remove
    """
    refuse_no_systemd()
    installation = _installation(context, name, None, system=system)
    installer = UnitInstaller(
        _store(system=system), Systemctl(system=system), installation, VERSION
    )
    files = (f"{name}-backup.timer", f"{name}-backup.service", f"{name}.service")
    said = list(installer.remove(files))
    for line in said or [f"nothing to remove: {name}.service is not installed"]:
        context.say(line)
    if said:
        context.say(f"the data stays in {installation.data}; `quaymark up` goes on with it")


def _installation(
    context: CommandContext, name: str, user: str | None, *, system: bool
) -> Installation:
    home = Path.cwd()
    settings = read_settings(home, context.environ)
    environ, user_home = kept_environ(context.environ), Path.home()
    if system:
        user, user_home = _service_user(home, user)
        if not user_home.is_dir():  # an account without a home keeps Kafka's jars with the data
            user_home = home / settings.folder / "home"
            environ["HOME"] = str(user_home)
    return Installation(
        checked_name(name), home, settings, own_program(), environ, user, user_home
    )


def _service_user(home: Path, user: str | None) -> tuple[str, Path]:
    """Return who runs a system service, by default the owner of the folder, and his home."""
    try:
        found = pwd.getpwuid(home.stat().st_uid) if user is None else pwd.getpwnam(user)
    except KeyError:
        raise Misconfigured(
            f"{user or f'the owner of {home}'} is no user of this machine: `--user NAME` names one"
        ) from None
    return found.pw_name, Path(found.pw_dir)


def _store(*, system: bool) -> UnitStore:
    return UnitStore(SYSTEM_UNITS if system else Path.home() / ".config/systemd/user")


def _expect(installation: Installation, backup: Path, now: datetime) -> None:
    """Let BackupOverdue fire if no backup comes.

    Raises:
        StackError: the data folder can't be written.
    """
    try:
        expect_backup(installation.data, str(backup), now)
    except OSError as error:
        raise StackError(f"{error.filename}: {error.strerror}") from None


def _hint_at_lingering(context: CommandContext) -> None:
    """Say how a user's service starts with the machine and not at the user's login."""
    user = pwd.getpwuid(os.geteuid()).pw_name
    if not Path("/var/lib/systemd/linger", user).exists():
        context.say(
            "it starts when you log in and ends when you log out; to let it start with the "
            f"machine and stay: `loginctl enable-linger {user}`"
        )


def _options(name: str, *, system: bool) -> str:
    return (" --system" if system else "") + (f" --name {name}" if name != "quaymark" else "")
