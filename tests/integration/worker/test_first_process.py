"""A worker as the first process of a container, for which SIGTERM does nothing by itself."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stack.http_client import page
from tests.integration.support.ports import free_port
from tests.integration.support.workers import HERE, until

UNSHARE = ["unshare", "--pid", "--fork", "--kill-child=KILL"]
STOP_SECONDS = 30  # Kubernetes kills it then: terminationGracePeriodSeconds


@pytest.mark.needs("unshare")
def test_the_first_process_of_a_container_ends_in_order_on_sigterm(tmp_path: Path) -> None:
    port = free_port()
    environ = {
        **os.environ,  # noqa: TID251  a child needs PATH and HOME
        "QUAYMARK_KAFKA": f"127.0.0.1:{free_port()}",  # where nobody answers: it waits
        "QUAYMARK_METRICS_PORT": str(port),
        "QUAYMARK_FOLDER": str(tmp_path),
    }
    worker = [sys.executable, "-c", "import os, runpy; assert os.getpid() == 1; "
              "runpy.run_module('streams', run_name='__main__')"]  # fmt: skip
    with subprocess.Popen([*UNSHARE, *worker], cwd=HERE, env=environ) as container:
        try:
            until("the worker is alive", lambda: page(f"http://127.0.0.1:{port}/livez"))
            children = Path(f"/proc/{container.pid}/task/{container.pid}/children")
            [first] = children.read_text().split()

            os.kill(int(first), signal.SIGTERM)

            assert container.wait(STOP_SECONDS) == 0
        finally:
            container.kill()
