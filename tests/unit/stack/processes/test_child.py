import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from contract.errors import StackError
from stack.processes import child as child_module
from stack.processes.child import Child, ChildChange, Program, rotate
from stack.processes.children import Children

SLEEPER = "import time; print('here', flush=True); time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER


def _python(code: str, grace: int = 5, *, once: bool = False) -> Program:
    return Program("sample", (sys.executable, "-c", code), grace_seconds=grace, once=once)


def _until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _started(program: Program, logs: Path) -> Child:
    child = Child(program, logs)
    child.start()
    _until(lambda: "here" in child.tail())
    return child


def _group_is_gone(pgid: int) -> bool:
    """Whether no process of the group runs; a zombie that init has not buried yet runs no more."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            state, _, group, _ = stat.read_text("utf-8").rpartition(")")[2].split(maxsplit=3)
            if int(group) == pgid and state != "Z":
                return False
    return True


def test_a_stopped_child_is_gone_and_not_started_again(tmp_path: Path) -> None:
    child = _started(_python(SLEEPER), tmp_path)
    assert not _group_is_gone(child.pid)

    child.stop()

    assert not child.alive
    assert _group_is_gone(child.pid)


def test_a_child_that_ignores_sigterm_is_killed_after_its_grace(tmp_path: Path) -> None:
    child = _started(_python(STUBBORN, grace=1), tmp_path)

    child.stop()

    assert not child.alive
    assert _group_is_gone(child.pid)


def test_a_killed_child_leaves_none_of_its_group(tmp_path: Path) -> None:
    child = _started(_python(STUBBORN), tmp_path)

    child.kill()

    assert _group_is_gone(child.pid)


def test_a_child_that_died_is_started_again_after_a_pause_that_doubles(tmp_path: Path) -> None:
    child = Child(_python("raise SystemExit(3)"), tmp_path)
    child.start(now=100.0)
    _until(lambda: not child.alive)

    assert child.watch(100.5) is ChildChange.DIED
    assert child.exit_code == 3
    assert child.watch(101.4) is None  # the first pause is 1 s: due at 101.5
    assert child.watch(101.5) is ChildChange.RESTARTED
    _until(lambda: not child.alive)
    assert child.watch(102.0) is ChildChange.DIED
    assert child.due == 104.0  # 2 s
    assert child.restarts == 1


def test_a_child_that_ran_long_starts_again_with_the_shortest_pause(tmp_path: Path) -> None:
    child = Child(_python("raise SystemExit(1)"), tmp_path)
    child.start(now=0.0)
    _until(lambda: not child.alive)
    child.watch(0.0)
    child.watch(10.0)
    _until(lambda: not child.alive)

    child.watch(10.0 + child_module.STEADY_SECONDS)

    assert child.due == 71.0


def test_a_program_that_is_meant_to_end_is_not_started_again(tmp_path: Path) -> None:
    child = Child(_python("print('done')", once=True), tmp_path)
    child.start()
    _until(lambda: not child.alive)

    assert child.watch(0.0) is ChildChange.FINISHED
    assert child.watch(99.0) is None
    assert child.tail() == "done"


def test_a_program_that_ends_between_two_looks_is_known_to_have_ended(tmp_path: Path) -> None:
    children = Children(tmp_path, print)
    child = children.start(_python("print('done')", once=True))
    looks: list[int | None] = []

    def has_ended() -> bool:
        if not looks:  # it ended right after this look
            _until(lambda: not child.alive)
            looks.append(None)
            return False
        looks.append(child.exit_code)
        return child.exit_code == 0

    children.wait(child, has_ended, 5)

    assert looks == [None, 0]
    assert list(children) == []


def test_kill_9_of_the_starter_leaves_no_orphan(tmp_path: Path) -> None:
    starter = f"""
import pathlib, sys, time
from stack.processes.child import Child, Program
child = Child(Program("sample", (sys.executable, "-c", {STUBBORN!r}), grace_seconds=1),
              pathlib.Path({str(tmp_path)!r}))
child.start()
print(child.pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pgid = int(parent.stdout.readline())
        log = tmp_path / "sample.log"
        _until(lambda: log.exists() and "here" in log.read_text())
        parent.kill()

    _until(lambda: _group_is_gone(pgid))


def test_a_program_that_is_not_there_ends_at_once_and_says_so(tmp_path: Path) -> None:
    child = Child(Program("sample", ("/nowhere/at-all",)), tmp_path)

    child.start()
    _until(lambda: not child.alive)

    assert child.exit_code != 0
    assert "/nowhere/at-all" in child.tail()


def test_without_setpriv_and_timeout_nothing_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(StackError, match="util-linux"):
        Child(_python(SLEEPER), tmp_path).start()


def test_a_long_log_is_copied_aside_and_emptied_while_its_writer_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "sample.log"
    with log.open("ab", buffering=0) as writer:
        for text in (b"first..", b"second.", b"third.."):
            writer.write(text)
            rotate(log, limit=5, keep=2)
        writer.write(b"now")

    assert log.read_bytes() == b"now"
    assert (tmp_path / "sample.log.1").read_bytes() == b"third.."
    assert (tmp_path / "sample.log.2").read_bytes() == b"second."
    assert sorted(os.listdir(tmp_path)) == ["sample.log", "sample.log.1", "sample.log.2"]
