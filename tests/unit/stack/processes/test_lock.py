import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from contract.errors import StackError
from stack.processes import lock

HOLDER = """
import pathlib, sys, time
from stack.processes import lock
with lock.held(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def _holder(folder: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_a_second_holder_gets_the_process_id_of_the_first(tmp_path: Path) -> None:
    with lock.held(tmp_path):
        with pytest.raises(StackError, match=f"process {os.getpid()}"), lock.held(tmp_path):
            pytest.fail("held twice")
        assert lock.holder(tmp_path) == os.getpid()

    assert lock.holder(tmp_path) is None
    with lock.held(tmp_path) as crashed:
        assert not crashed


def test_a_crash_of_the_holder_leaves_no_lock(tmp_path: Path) -> None:
    with _holder(tmp_path) as process:
        assert lock.holder(tmp_path) == process.pid
        process.kill()

    assert lock.holder(tmp_path) is None
    with lock.held(tmp_path) as crashed:
        assert crashed
        assert lock.holder(tmp_path) == os.getpid()


def test_down_asks_the_holder_to_stop_and_waits_for_it(tmp_path: Path) -> None:
    with _holder(tmp_path) as process:
        assert lock.stop_holder(tmp_path, seconds=10) == process.pid
        assert process.wait(10) == -signal.SIGTERM

    assert lock.stop_holder(tmp_path, seconds=10) is None


def test_nobody_holds_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert lock.holder(tmp_path / "none") is None


def test_a_folder_that_cannot_be_made_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StackError, match="QUAYMARK_FOLDER"), lock.held(tmp_path / "file"):
        pytest.fail("held a file")
