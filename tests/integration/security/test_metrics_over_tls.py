"""A real Prometheus, with the configuration that is rendered, asks a worker by TLS and a token."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from msgspec.structs import replace

from access.client import ask
from contract.http.access import HttpAccess
from rules.config_files import Site, render
from tests.integration.support.ports import free_port
from tests.integration.support.prometheus_server import get
from tests.integration.support.workers import HERE, Running, start_worker, until
from tests.unit.access.guarded_servers import in_a_loop, threaded
from tests.unit.access.http_certificates import HttpCertificates
from tests.unit.promtool import promtool

pytestmark = pytest.mark.kafka

Serve = Callable[[HttpAccess], AbstractContextManager[str]]


@contextmanager
def a_worker(folder: Path, access: HttpAccess) -> Iterator[Running]:
    """Run a worker that finds no Kafka: it shows its metrics all the same."""
    given = {f"http_{name}": value for name, value in structs.asdict(access).items() if value}
    running = start_worker(f"127.0.0.1:{free_port()}", folder, free_port(), **given)
    try:
        yield running
    finally:
        running.kill()


@contextmanager
def a_prometheus(folder: Path, worker: int, access: HttpAccess) -> Iterator[str]:
    """Run a Prometheus that asks a worker; yield its address."""
    port = free_port()
    site = Site("local", worker_port=worker, prometheus=f"127.0.0.1:{port}", access=access)
    for name, text in render(replace(site, at_once=True)).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    checked = promtool("check", "config", folder / "prometheus/prometheus.yml")
    assert checked.returncode == 0, checked.stderr
    line = [
        "prometheus",
        f"--config.file={folder / 'prometheus/prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (
        (folder / "prometheus.log").open("ab") as log,
        subprocess.Popen(line, stdout=log, stderr=log) as process,
    ):
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def worker_target(prometheus: str) -> dict[str, Any]:
    """Return what Prometheus says of the worker, once it has asked it."""

    def asked() -> dict[str, Any] | None:
        found = json.loads(get(f"{prometheus}/api/v1/targets?state=active"))["data"]
        for target in found["activeTargets"]:
            if target["labels"]["job"] == "quaymark" and target["health"] != "unknown":
                return dict(target)
        return None

    return until("Prometheus has asked the worker", asked)


def status(port: int, folder: Path, access: HttpAccess) -> tuple[int, str]:
    """Return the exit code of `quaymark status`, and what it says."""
    environ = {
        **os.environ,  # noqa: TID251  # a child needs PATH
        "QUAYMARK_METRICS_PORT": str(port),
        "QUAYMARK_FOLDER": str(folder),
        **{
            f"QUAYMARK_HTTP_{name.upper()}": value
            for name, value in structs.asdict(access).items()
            if value
        },
    }
    done = subprocess.run(
        [sys.executable, "-m", "stack", "status"],
        env=environ,
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_prometheus_and_status_see_a_worker_that_asks_for_proofs(tmp_path: Path) -> None:
    made = HttpCertificates(tmp_path / "certificates")
    served = replace(made.asks_for_certificates(), token_file=made.path("token"))
    caller = made.caller("client", "token")
    with a_worker(tmp_path, served) as worker:
        address = f"127.0.0.1:{worker.port}"
        until("it answers", lambda: ask(caller, address, "/metrics"))
        with a_prometheus(tmp_path, worker.port, caller) as prometheus:
            target = worker_target(prometheus)

        assert (target["health"], target["lastError"]) == ("up", "")
        assert target["scrapeUrl"] == f"https://{address}/metrics"
        assert status(worker.port, tmp_path, caller)[0] == 0
        code, said = status(worker.port, tmp_path, made.caller("client"))
        assert (code, said.count("\n")) == (1, 1)
        assert "401, expected `Authorization: Bearer TOKEN`" in said


RIGHT = "^$"


@pytest.mark.parametrize("serve", [in_a_loop, threaded])
@pytest.mark.parametrize(
    ("certificate", "token", "said"),
    [
        ("client", None, RIGHT),
        ("", None, "403"),
        ("client-expired", None, "expired certificate|reset|EOF"),
        ("client-other", None, "unknown certificate authority|reset|EOF"),
        (None, "token", RIGHT),
        (None, "wrong-token", "401"),
    ],
)
def test_prometheus_sees_what_the_rendered_configuration_proves_and_nothing_else(
    tmp_path: Path, serve: Serve, certificate: str | None, token: str | None, said: str
) -> None:
    """None says that the server asks for no such proof, the empty text that none is shown."""
    made = HttpCertificates(tmp_path / "certificates")
    served = made.server() if certificate is None else made.asks_for_certificates()
    served = replace(served, token_file=made.path("token") if token else "")
    caller = made.caller(certificate or "", token or "")
    with serve(served) as address:
        port = int(address.partition(":")[2])
        with a_prometheus(tmp_path, port, caller) as prometheus:
            target = worker_target(prometheus)

    assert target["health"] == ("up" if said is RIGHT else "down")
    assert re.search(said, target["lastError"]), target["lastError"]


def test_a_worker_with_files_that_are_no_certificates_ends_at_once(tmp_path: Path) -> None:
    made = HttpCertificates(tmp_path / "certificates")
    Path(made.path("server.key")).write_text("no key")
    with a_worker(tmp_path, made.server()) as worker:
        assert worker.process.wait(60) == 2
        assert "QUAYMARK_HTTP_TLS_KEY_FILE" in worker.log.read_text()
