"""`quaymark service` in a real systemd: start, power failure, orderly stop and removal."""

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from archive.last_backup import read_last_backup
from stack.processes.tcp_ports import free_port, listens
from stack.service.hardening import WITH_NAMESPACES
from tests.integration.support.installation.user_manager import UserManager
from tests.integration.support.workers import HERE, Running, as_records, move, recent, send, until

pytestmark = [pytest.mark.kafka, pytest.mark.needs("systemd")]

QUAYMARK = Path(sys.executable).parent / "quaymark"
PATIENCE = 240  # seconds: start of Kafka, the servers and the worker on a busy machine


class Port:
    """A folder with a port's files and its own TCP ports, and a systemd user manager."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "a port's folder"  # systemd splits unquoted paths at spaces
        self.folder.mkdir()
        for name in ("quaymark.toml", "targets.toml"):
            shutil.copy(HERE / name, self.folder)
        self.kafka = f"127.0.0.1:{free_port()}"
        self.worker = free_port()
        ports = {
            "KAFKA": self.kafka,
            "METRICS_PORT": self.worker,
            "INBOX_METRICS_PORT": free_port(),
            "WEB_PORT": free_port(),
            "REPORT_METRICS_PORT": free_port(),
            "REGISTER_METRICS_PORT": free_port(),
            "PROMETHEUS_PORT": free_port(),
            "ALERTMANAGER_PORT": free_port(),
            "GRAFANA_PORT": free_port(),
        }
        self.environ = {f"QUAYMARK_{name}": str(value) for name, value in ports.items()}
        lines = [f"{name}={value}\n" for name, value in self.environ.items()] + ["NO_GRAFANA=1\n"]
        (self.folder / ".env").write_text("# the ports of this test\n" + "".join(lines), "utf-8")
        self.printed = folder / "printed"
        self.systemd = UserManager(folder / "home")
        self.systemd.start()
        caches = self.systemd.home / ".cache", self.systemd.home / ".m2"
        for cache in caches:  # Kafka's jars are in the real home of the user who runs the tests
            cache.symlink_to(Path.home() / cache.name)

    def quaymark(self, *line: str) -> tuple[int, str]:
        """Run a command in the folder; return its exit code and its output."""
        code, said, errors = self.systemd.run(
            str(QUAYMARK), *line, cwd=self.folder, environ={"PATH": "/usr/bin:/bin:/usr/sbin"}
        )
        return code, said + errors

    def shown(self, name: str) -> str:
        """Return a property of the unit."""
        return self.systemd.run(
            *("systemctl", "--user", "show", "quaymark", "--value", f"--property={name}")
        )[1].strip()

    def runs(self) -> bool:
        """Whether the service has notified systemd that it is ready."""
        state = self.shown("ActiveState"), self.shown("SubState")
        assert "failed" not in state, self.said()
        assert "auto-restart" not in state, self.said()
        return state[0] == "active"

    def said(self) -> str:
        """Return systemd's status of it, and its output."""
        status = self.systemd.run("systemctl", "--user", "status", "quaymark")[1]
        return status + (self.printed.read_text("utf-8") if self.printed.exists() else "")

    def teu(self) -> float:
        """Return the TEU of all terminals in the worker's /metrics."""
        one = Running(None, self.worker, self.folder)  # type: ignore[arg-type]  # only asked
        return sum(one.samples("port_throughput_ytd_teu").values())


@pytest.fixture
def port() -> Iterator[Port]:
    # not below /tmp, because a hardened service has a private /tmp
    with TemporaryDirectory(prefix="quaymark-test-", dir="/var/lib") as folder:
        port = Port(Path(folder))
        try:
            yield port
        finally:
            port.systemd.close()


def harden(port: Port) -> None:
    """Add the options of the system unit to the user's unit; this manager may apply them.

    There is no journal here, so the output goes to a file.
    """
    data = str(port.folder / ".quaymark")
    caches = f"-{Path.home() / '.cache'} -{Path.home() / '.m2'}"
    needs_more = ("ProtectKernelLogs", "ProtectKernelTunables")  # no user manager can apply these
    able = [pair for pair in WITH_NAMESPACES if pair[0] not in needs_more]
    lines = [*able, ("ReadWritePaths", f'"{data}" {caches}')]
    beside = port.systemd.home / ".config/systemd/user/quaymark.service.d"
    beside.mkdir(parents=True)
    lines += [(f"Standard{way}", f"append:{port.printed}") for way in ("Output", "Error")]
    text = "[Service]\n" + "".join(f"{key}={value}\n" for key, value in lines)
    (beside / "hardening.conf").write_text(text, "utf-8")


def test_a_hardened_service_counts_exactly_after_a_power_cut_and_stops_in_order(
    port: Port,
) -> None:
    harden(port)
    code, said = port.quaymark("service", "install")
    assert code == 0, said
    assert "next: `quaymark service status`" in said
    assert "loginctl enable-linger" in said
    until("all parts are up", port.runs, PATIENCE)

    # 300 boxes of 40 ft at THE: 600.00 TEU
    at = recent()
    moves = as_records([move(n, "THE", "45G1", at) for n in range(400)])
    send(port.kafka, moves[:300])
    until("they are counted", lambda: port.teu() == 600, PATIENCE)
    code, said = port.quaymark("service", "status")
    assert code == 0, said
    assert "quaymark.service: runs, since" in said
    assert "/.quaymark/log" in said

    send(port.kafka, moves[300:350])  # the power fails while these arrive
    port.systemd.power_off()
    assert not listens("127.0.0.1", port.worker)
    port.systemd.start()
    until("it runs again, as the machine does", port.runs, PATIENCE)
    send(port.kafka, moves[300:])  # the sender does not know what arrived, and sends it again

    until("each of the 400 counts once: 800.00 TEU", lambda: port.teu() == 800, PATIENCE)
    verified = port.systemd.run(
        *(str(QUAYMARK), "books", "verify"),
        cwd=port.folder,
        environ={"PATH": "/usr/bin:/bin", **port.environ},
    )
    assert verified[0] == 0, verified
    assert "the books are exact" in verified[1]

    assert port.systemd.run("systemctl", "--user", "stop", "quaymark")[0] == 0
    assert (port.shown("Result"), port.shown("ExecMainStatus")) == ("success", "0")
    logs = port.folder / ".quaymark/data/kafka/logs"
    assert (logs / ".kafka_cleanshutdown").exists()  # Kafka writes it last in an orderly stop

    code, said = port.quaymark("service", "status")
    assert code == 1
    assert "is stopped" in said
    code, said = port.quaymark("service", "remove")
    assert code == 0, said
    assert list(logs.glob("port.moves.raw-*"))
    assert port.shown("LoadState") == "not-found"


def test_a_mistake_in_a_file_stops_the_service_and_is_not_tried_again(port: Port) -> None:
    assert port.quaymark("service", "install", "--no-start")[0] == 0
    book = port.folder / "quaymark.toml"
    book.write_text(book.read_text("utf-8").replace("open_days", "opened_days"), "utf-8")

    port.systemd.run("systemctl", "--user", "start", "--no-block", "quaymark")

    until("it failed", lambda: port.shown("ActiveState") == "failed", PATIENCE)
    assert (port.shown("ExecMainStatus"), port.shown("NRestarts")) == ("2", "0")
    code, said = port.quaymark("service", "status")
    assert code == 1
    assert "failed (exit-code, exit 2)" in said
    code, said = port.quaymark("service", "install")
    assert code == 2  # install reports the same before it starts anything
    assert "opened_days" in said


def test_a_unit_that_a_person_changed_stays_and_the_difference_is_shown(port: Port) -> None:
    assert port.quaymark("service", "install", "--no-start")[0] == 0
    unit = port.systemd.home / ".config/systemd/user/quaymark.service"
    written = unit.read_text("utf-8")
    changed = written.replace("MemoryMax=80%", "MemoryMax=6G")
    unit.write_text(changed, "utf-8")

    code, said = port.quaymark("service", "install", "--no-start")

    assert code == 2
    assert "-MemoryMax=6G\n+MemoryMax=80%" in said
    assert "changed by hand" in said
    assert unit.read_text("utf-8") == changed
    unit.write_text(written, "utf-8")
    code, said = port.quaymark("service", "install", "--no-start", "--memory", "6G")
    assert code == 0, said
    assert f"renewed {unit}" in said
    unit.write_text(written, "utf-8")
    code, said = port.quaymark("service", "remove")
    assert code == 0, said
    assert not unit.exists()


def test_two_folders_need_two_names(port: Port) -> None:
    assert port.quaymark("service", "install", "--no-start")[0] == 0
    first, other = port.folder, port.folder.parent / "other"
    shutil.copytree(first, other)
    port.folder = other

    code, said = port.quaymark("service", "install", "--no-start")

    assert code == 2
    assert f"runs the port in {first}, this is {other}" in said
    assert port.quaymark("service", "install", "--no-start", "--name", "other")[0] == 0


def test_a_nightly_backup_has_its_timer(port: Port) -> None:
    kept = port.folder.parent / "kept % here"

    code, said = port.quaymark(
        *("service", "install", "--no-start", "--backup", str(kept), "--at", "03:15")
    )

    assert code == 0, said
    assert kept.is_dir()
    assert port.systemd.run("systemctl", "--user", "start", "quaymark-backup.timer")[0] == 0
    listed = port.systemd.run("systemctl", "--user", "list-timers", "--no-pager")[1]
    assert re.search(r"03:15:00 .* quaymark-backup.timer", listed), listed
    command = port.systemd.run(
        *("systemctl", "--user", "show", "quaymark-backup", "--property=ExecStart")
    )[1]
    assert f"quaymark backup {kept} ;" in command
    awaited = read_last_backup(port.folder / ".quaymark")
    assert awaited is not None
    assert (awaited.folder, awaited.is_made) == (str(kept), False)
