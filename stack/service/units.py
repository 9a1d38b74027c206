"""The units of an installation: `quaymark up` as a service, and a backup every night."""

from pathlib import Path

from stack.processes.child import GRACE_SECONDS
from stack.processes.services import SERVICES
from stack.service.hardening import MEMORY_MAX, WITH_NAMESPACES, WITHOUT_NAMESPACES, limits
from stack.service.installation import Installation
from stack.service.unit import SystemdUnit, UnitSection, command, path_value, word

CHILDREN = 8 + len(SERVICES)  # Kafka, three servers, worker, simulator, history, one more
STOP_SECONDS = CHILDREN * (GRACE_SECONDS + 5)  # one after the other, each within its grace
START_SECONDS = 1200  # Kafka 90, worker 300, three producers of 120, Kafka's jars, a slow machine
RESTART_SECONDS = 15
MACHINE_IS_UP = (
    ("After", "network-online.target time-sync.target"),
    ("Wants", "network-online.target"),
)
"""A user's manager has no such targets; it starts when the machine is up."""
MISCONFIGURED = "2"  # the exit code of a mistake in a file: a restart would only repeat it


def up_unit(
    installation: Installation, *, simulate: bool = False, memory: str = MEMORY_MAX
) -> SystemdUnit:
    """Return the service that keeps `quaymark up` running in the folder."""
    simulation = "--simulate" if simulate else "--no-simulate"
    settings = installation.settings
    inbox = (installation.home / settings.inbox,) if settings.inbox else ()
    service = (
        ("Type", "notify"),
        ("NotifyAccess", "main"),
        ("ExecStart", command(*installation.program, "up", simulation)),
        *_environment(installation),
        ("Restart", "on-failure"),
        ("RestartSec", str(RESTART_SECONDS)),
        ("RestartPreventExitStatus", MISCONFIGURED),
        ("TimeoutStartSec", str(START_SECONDS)),
        # the supervisor alone gets SIGTERM and ends its children in order, Kafka last
        ("KillMode", "mixed"),
        ("TimeoutStopSec", str(STOP_SECONDS)),
        ("OOMPolicy", "continue"),  # the supervisor starts a child again that the kernel ended
        *limits(memory),
        *_hardening(installation, *inbox),
    )
    return SystemdUnit(
        f"{installation.name}.service",
        (
            UnitSection("Unit", _description(installation, "port and project metrics", *inbox)),
            UnitSection("Service", service),
            UnitSection("Install", (("WantedBy", _boot_target(installation)),)),
        ),
    )


def backup_units(
    installation: Installation, folder: Path, at: str
) -> tuple[SystemdUnit, SystemdUnit]:
    """Return the service that makes a backup once, and the timer that starts it every day."""
    name = f"{installation.name}-backup"
    what = "backup of the port's records and settings"
    unit = (
        *_description(installation, what, folder),
        ("After", f"{installation.name}.service"),
    )
    service = (
        ("Type", "oneshot"),
        ("ExecStart", command(*installation.program, "backup", str(folder))),
        *_environment(installation),
        ("Nice", "10"),  # the live worker goes first
        ("IOSchedulingClass", "idle"),
        *limits(MEMORY_MAX),
        *_hardening(installation, folder),
    )
    timer = (
        ("OnCalendar", f"*-*-* {at}:00"),
        ("Persistent", "true"),  # a night that the machine was off is made up for
    )
    return (
        SystemdUnit(
            f"{name}.service", (UnitSection("Unit", unit), UnitSection("Service", service))
        ),
        SystemdUnit(
            f"{name}.timer",
            (
                UnitSection("Unit", (("Description", f"{installation.name}: {what}, daily"),)),
                UnitSection("Timer", timer),
                UnitSection("Install", (("WantedBy", "timers.target"),)),
            ),
        ),
    )


def _description(
    installation: Installation, what: str, *folders: Path
) -> tuple[tuple[str, str], ...]:
    paths = dict.fromkeys([installation.home, installation.data, *folders])
    return (
        ("Description", f"{installation.name}: {what}"),
        *(MACHINE_IS_UP if installation.is_system else ()),
        ("RequiresMountsFor", " ".join(word(str(path)) for path in paths)),
        ("StartLimitIntervalSec", "0"),  # a disk or a port may become free after hours
    )


def _environment(installation: Installation) -> tuple[tuple[str, str], ...]:
    """Return who runs it, where, and with which settings; what it prints goes to the journal."""
    runs_as = (("User", installation.user),) if installation.user is not None else ()
    return (
        *runs_as,
        ("WorkingDirectory", path_value(str(installation.home))),
        *(
            ("Environment", word(f"{name}={value}"))
            for name, value in sorted(installation.environ.items())
        ),
        ("Environment", "PYTHONUNBUFFERED=1"),
        ("EnvironmentFile", f"-{path_value(str(installation.environ_file))}"),
        ("StandardOutput", "journal"),
        ("StandardError", "journal"),
        ("SyslogIdentifier", installation.name),
    )


def _hardening(installation: Installation, *folders: Path) -> tuple[tuple[str, str], ...]:
    if not installation.is_system:
        return WITHOUT_NAMESPACES
    home = installation.user_home
    # - : these two need not be there; Kafka's jars are fetched into them
    caches = (f"-{home / '.cache'}", f"-{home / '.m2'}")
    writable = (*caches, str(installation.data), *map(str, folders))
    return (
        *WITHOUT_NAMESPACES,
        *WITH_NAMESPACES,
        ("ReadWritePaths", " ".join(word(path) for path in dict.fromkeys(writable))),
    )


def _boot_target(installation: Installation) -> str:
    return "multi-user.target" if installation.is_system else "default.target"
