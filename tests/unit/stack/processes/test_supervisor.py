import socket
import sys
import time
from pathlib import Path

import pytest

from contract.book import read_book
from contract.errors import StackError
from contract.progress import SimulationProgress
from contract.settings import Settings
from stack.processes import supervisor as supervisor_module
from stack.processes.broker_session import own_broker
from stack.processes.child import Program
from stack.processes.children import Children
from stack.processes.disk_space import free_bytes, refuse_full_disk
from stack.processes.load_progress import progress_line
from stack.processes.supervisor import Supervisor, port_claims
from stack.processes.tcp_ports import free_port

ROOT = Path(__file__).parents[4]
ENDS_BADLY = (sys.executable, "-c", "print('no such table'); raise SystemExit(7)")
ENDS_WELL = (sys.executable, "-c", "print('done')")
NOTES_ITS_END = """
import signal, sys, time
def end(*_):
    with open({path!r}, "a") as file:
        file.write({name!r} + " ")
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("here", flush=True)
time.sleep(600)
"""
LIVES = (sys.executable, "-c", "import time; time.sleep(600)")


def test_a_child_that_fails_while_waited_for_is_shown_with_its_last_words(tmp_path: Path) -> None:
    children = Children(tmp_path, lambda line: None)
    child = children.start(Program("worker", ENDS_BADLY))

    with pytest.raises(StackError, match=r"worker ended \(exit 7\)(?s:.*)no such table"):
        children.wait(child, lambda: False, seconds=60)


def test_a_child_that_is_not_ready_in_time_is_named(tmp_path: Path) -> None:
    children = Children(tmp_path, lambda line: None)
    child = children.start(Program("worker", LIVES))

    with pytest.raises(StackError, match=r"worker was not ready within 0 s"):
        children.wait(child, lambda: False, seconds=0)
    children.stop()

    assert not child.alive


def test_a_program_that_ends_is_waited_for_and_forgotten(tmp_path: Path) -> None:
    children = Children(tmp_path, lambda line: None)

    children.run(Program("targets", ENDS_WELL, once=True), seconds=60)

    assert list(children) == []


def test_a_death_is_said_and_the_child_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    children = Children(tmp_path, said.append)
    child = children.start(Program("simulate", ENDS_BADLY))
    deadline = time.monotonic() + 60

    while child.restarts < 1:
        assert time.monotonic() < deadline
        children.check()
        children.pause()
    children.stop()

    assert said[0].startswith("simulate ended (exit 7); again in ")
    assert "no such table" in said[0]
    assert said[1] == "simulate started again"


def test_a_death_by_a_signal_names_the_signal(tmp_path: Path) -> None:
    said: list[str] = []
    children = Children(tmp_path, said.append)
    child = children.start(Program("worker", LIVES))
    child.kill()

    children.check()
    children.stop()

    assert said[0].startswith("worker was ended by SIGKILL; again in ")


def test_the_newest_child_is_ended_first(tmp_path: Path) -> None:
    children = Children(tmp_path, lambda line: None)
    ended = tmp_path / "ended"
    for name in ("kafka", "worker", "simulate"):
        noted = NOTES_ITS_END.format(path=str(ended), name=name)
        child = children.start(Program(name, (sys.executable, "-c", noted)))
        children.wait(child, lambda child=child: "here" in child.tail(), seconds=60)  # type: ignore[misc]  # this turn's

    children.stop()

    assert ended.read_text().split() == ["simulate", "worker", "kafka"]


def test_nothing_starts_while_a_port_is_taken(tmp_path: Path) -> None:
    book = read_book((ROOT / "quaymark.toml").read_text(encoding="utf-8"), "quaymark.toml")
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        settings = Settings(
            kafka=f"127.0.0.1:{free_port()}",
            metrics_port=taken,
            prometheus_port=free_port(),
            alertmanager_port=free_port(),
            grafana_port=free_port(),
            inbox_metrics_port=free_port(),
            report_metrics_port=free_port(),
            register_metrics_port=free_port(),
            folder=str(tmp_path / "q"),
        )

        with pytest.raises(StackError, match=f"port {taken} is in use, but worker needs it"):
            Supervisor(settings, book, {}, lambda line: None).start()

    assert not (tmp_path / "q").exists()


def test_a_full_disk_is_reported_with_the_setting_that_moves_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_full_disk(tmp_path / "not/there/yet", 1, "a byte")
    book = read_book((ROOT / "quaymark.toml").read_text(encoding="utf-8"), "quaymark.toml")
    settings = Settings(
        kafka=f"127.0.0.1:{free_port()}",
        metrics_port=free_port(),
        prometheus_port=free_port(),
        alertmanager_port=free_port(),
        inbox_metrics_port=free_port(),
        report_metrics_port=free_port(),
        register_metrics_port=free_port(),
        web_port=free_port(),
        grafana_port=free_port(),
        folder=str(tmp_path / "q"),
    )
    monkeypatch.setattr(supervisor_module, "NEEDED_BYTES", free_bytes(tmp_path) + 10**12)

    with pytest.raises(StackError, match=r"free, but a year \(QUAYMARK_FOLDER .*: make room"):
        Supervisor(settings, book, {}, lambda line: None).start()


def test_a_broker_elsewhere_is_neither_started_nor_stopped() -> None:
    assert own_broker(Settings(kafka="kafka.example:9092")) is None
    assert own_broker(Settings(kafka="10.0.0.1:9092,10.0.0.2:9092")) is None

    ours = own_broker(Settings(kafka="localhost:9999", folder="/q"))
    assert ours is not None
    assert ours.port == 9999
    assert ours.folder == Path("/q/data/kafka")


def test_progress_reads_as_a_sentence() -> None:
    progress = SimulationProgress("2026-03-04", 123456, 31000.5, 0.41)

    assert progress_line(progress, 1200) == (
        "  2026-03-04   41%  123,456 events sent, 31,000/s; worker 1,200 behind"
    )
    assert progress_line(progress, 0).endswith("31,000/s")


def supervisor(folder: Path, said: list[str]) -> Supervisor:
    book = read_book((ROOT / "quaymark.toml").read_text(encoding="utf-8"), "quaymark.toml")
    return Supervisor(Settings(folder=str(folder)), book, {}, said.append)


def test_the_choice_of_targets_only_holds_until_simulated_events_are_asked_for(
    tmp_path: Path,
) -> None:
    said: list[str] = []
    assert supervisor(tmp_path, said).simulates(None, is_empty=True)  # a new folder simulates
    assert not supervisor(tmp_path, said).simulates(False, is_empty=True)
    assert said == []

    assert not supervisor(tmp_path, said).simulates(None, is_empty=True)
    assert "--no-simulate" in said[0]

    assert supervisor(tmp_path, said).simulates(True, is_empty=False)
    assert supervisor(tmp_path, said).simulates(None, is_empty=True)
    assert len(said) == 1


def test_the_receiver_has_a_port_only_where_a_token_file_is_named() -> None:
    off, on = (
        {claim.child: claim.port for claim in port_claims(Settings(receive_token_file=path))}
        for path in ("", "tokens")
    )

    assert "receive" not in off
    assert on == off | {"receive": 6069}
