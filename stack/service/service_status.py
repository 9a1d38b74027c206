"""How a unit is: running, failed or stopped, since when, and what it said last."""

from collections.abc import Iterator

from msgspec import Struct

from stack.service.systemctl import Systemctl

LINES = 8  # of the journal
SERVICE = (
    *("LoadState", "ActiveState", "SubState", "UnitFileState", "Result", "ExecMainStatus"),
    *("StatusText", "NRestarts", "StateChangeTimestamp", "MemoryCurrent"),
)
TIMER = ("LoadState", "ActiveState", "LastTriggerUSec", "NextElapseUSecRealtime")
UNKNOWN_MEMORY = str((1 << 64) - 1)  # systemd's word for a unit whose memory it does not count


class ServiceStatus(Struct, frozen=True):
    """One service as systemd knows it."""

    unit: str
    shown: dict[str, str]

    @property
    def is_installed(self) -> bool:
        """Whether there is such a unit."""
        return self.shown.get("LoadState") not in (None, "", "not-found")

    @property
    def runs(self) -> bool:
        """Whether it runs, or is about to."""
        return self.shown.get("ActiveState") in ("active", "activating", "reloading")

    @property
    def failed(self) -> bool:
        """Whether it ended by a fault and nobody starts it again."""
        return self.shown.get("ActiveState") == "failed"

    def lines(self) -> Iterator[str]:
        """Say it in words."""
        shown = self.shown
        since = shown.get("StateChangeTimestamp") or "never"
        yield f"{self.unit}: {self._state()}, since {since}"
        if text := shown.get("StatusText"):
            yield f"  it says: {text}"
        if (restarts := shown.get("NRestarts", "0")) not in ("", "0"):
            yield f"  systemd started it again {restarts} times"
        memory = shown.get("MemoryCurrent", "")
        if memory.isdecimal() and memory != UNKNOWN_MEMORY:
            yield f"  memory: {int(memory) / 1e6:,.0f} MB"
        if shown.get("UnitFileState") not in ("enabled", "static", ""):
            yield f"  it does not start with the machine ({shown.get('UnitFileState')})"

    def _state(self) -> str:
        shown = self.shown
        match shown.get("ActiveState"):
            case "active":
                return "runs"
            case "activating" if shown.get("SubState") == "auto-restart":
                return f"ended ({self._result()}), and is about to be started again"
            case "activating":
                return "is starting"
            case "deactivating":
                return "is stopping"
            case "failed":
                return f"failed ({self._result()})"
            case _:
                return "is stopped"

    def _result(self) -> str:
        return f"{self.shown.get('Result')}, exit {self.shown.get('ExecMainStatus')}"


def service_status(systemd: Systemctl, unit: str) -> ServiceStatus:
    """Ask systemd about a service.

    Raises:
        StackError: systemd does not answer.
    """
    return ServiceStatus(unit, systemd.properties(unit, SERVICE))


def timer_line(systemd: Systemctl, timer: str) -> str | None:
    """Say when a timer started its service, and when it will; None if there is no such timer.

    Raises:
        StackError: systemd does not answer.
    """
    shown = systemd.properties(timer, TIMER)
    if shown.get("LoadState") != "loaded":
        return None
    if shown.get("ActiveState") != "active":
        return f"{timer}: is stopped, so no backup is made"
    last, due = (shown.get(name) or "not yet" for name in ("LastTriggerUSec", TIMER[-1]))
    return f"{timer}: last {last}, next {due}"
