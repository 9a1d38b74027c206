"""The services of `quaymark up`: our own children beside the worker, an entry of a list each.

To add a child, add a `Service` to SERVICES.  The entry alone decides whether the child runs, which
port must be free for it (also for `quaymark doctor`), what `up` says, and which address it prints.
The child is `python -m <room> <command>`, has its log `<folder>/log/<name>.log`, is started again
when it dies, and is ended before the worker.  A program that is not ours, or for which `up` must
wait, is started in `supervisor.py`.
"""

from collections.abc import Callable, Mapping
from sys import executable

from msgspec import Struct

from contract.settings import PREFIX, Settings
from stack.processes.child import Program
from stack.processes.tcp_ports import PortClaim


def _always(_: Settings) -> bool:
    return True


def _nothing(_: Settings) -> str:
    return ""


def _page(settings: Settings) -> str:
    return f"{settings.http_access.scheme}://{settings.web_host}:{settings.web_port}"


class Service(Struct, frozen=True):
    """A child that runs for as long as `up` does, from when the worker is ready."""

    name: str
    room: str
    """The room whose door it enters, such as `producers`."""
    command: tuple[str, ...]
    """What follows `python -m <room>`."""
    port: str = ""
    """The field of Settings with the port on which it listens; none if it listens on none."""
    host: str = "metrics_host"
    """The field of Settings with the host on which it listens."""
    runs: Callable[[Settings], bool] = _always
    says: Callable[[Settings], str] = _nothing
    """What `up` says once it is started."""
    title: str = ""
    """What people find at its address, which `up` prints before all others; none to print none."""

    def claim(self, settings: Settings) -> PortClaim:
        """Return the port that must be free for it."""
        port, host = getattr(settings, self.port), getattr(settings, self.host)
        return PortClaim(port, self.name, PREFIX + self.port.upper(), host)

    def program(self, environ: Mapping[str, str]) -> Program:
        """Return what to start."""
        line = (executable, "-m", self.room, *self.command)
        return Program(self.name, line, environ=environ)


SERVICES = (
    Service(
        "inbox",
        "producers",
        ("inbox",),
        port="inbox_metrics_port",
        says=lambda settings: f"files dropped into {settings.inbox_folder} are imported",
    ),
    Service(
        "report",
        "stack",
        ("report", "watch"),
        port="report_metrics_port",
        says=lambda settings: f"reports are issued into {settings.reports_folder}",
    ),
    Service("register", "stack", ("register", "watch"), port="register_metrics_port"),
    Service(
        "receive",
        "producers",
        ("receive",),
        port="receive_port",
        host="receive_host",
        runs=lambda settings: bool(settings.receive_token_file),
    ),
    Service(
        "web",
        "web",
        (),
        port="web_port",
        host="web_host",
        says=lambda settings: f"the web page: {_page(settings)}",
        title="Web page",
    ),
)


def services(settings: Settings) -> tuple[Service, ...]:
    """Return the services that run with these settings, in the order of their start."""
    return tuple(service for service in SERVICES if service.runs(settings))


def service_claims(settings: Settings) -> tuple[PortClaim, ...]:
    """Return the ports on which the services listen."""
    return tuple(service.claim(settings) for service in services(settings) if service.port)


def service_addresses(settings: Settings) -> tuple[tuple[str, str], ...]:
    """Return the addresses of services that people open: (what, address)."""
    shown = [(one.title, one.claim(settings)) for one in services(settings) if one.title]
    scheme = settings.http_access.scheme
    return tuple((title, f"{scheme}://{claim.host}:{claim.port}") for title, claim in shown)
