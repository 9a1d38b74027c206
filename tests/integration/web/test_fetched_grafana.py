"""Grafana fetched beside everything else: a server of ours stands in, and records its start."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contract.settings import Settings
from stack.processes import grafana_server
from stack.processes.children import Children
from tests.integration.support.ports import free_port
from tests.integration.support.workers import until
from tests.unit.stack.processes.grafana_shop import Shop, archive, serving

NEEDLESS = ("NO_GRAFANA", "GRAFANA_ARCHIVE", "http_proxy", "https_proxy")


@pytest.fixture
def shop() -> Iterator[Shop]:
    with serving(archive()) as found:
        yield found


class Launched:
    """The launcher as `up` starts it, and what it told."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.folder, self.port, self.said = folder, free_port(), list[str]()
        self.children = Children(folder / "log", self.said.append)
        given = {
            name: value
            for name, value in os.environ.items()  # noqa: TID251  # a child needs PATH
            if name not in NEEDLESS and not name.startswith("QUAYMARK_")
        }
        given |= {
            "QUAYMARK_FOLDER": str(folder),
            "QUAYMARK_GRAFANA_PORT": str(self.port),
            **environ,
        }
        settings = Settings.from_env(given)
        self.began = time.monotonic()
        self.child = self.children.start(grafana_server.program(None, settings, folder, given))

    def tells(self, what: str) -> str:
        def found() -> str:
            self.children.check()
            return next((line for line in self.said if what in line), "")

        return until(f"it tells {what!r}, of {self.said}", found)

    def ends(self) -> None:
        def gone() -> bool:
            self.children.check()
            return self.child not in tuple(self.children)

        until("the launcher is over, and not started again", gone)
        assert self.child.restarts == 0


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., Launched]]:
    started: list[Launched] = []

    def start(**environ: str) -> Launched:
        started.append(Launched(tmp_path / "q", **environ))
        return started[-1]

    yield start
    for one in started:
        one.children.stop()


def test_a_fetched_grafana_is_started_with_data_source_folders_and_boards(
    shop: Shop, launch: Callable[..., Launched]
) -> None:
    launched = launch(QUAYMARK_GRAFANA_MIRROR=shop.url)

    launched.tells("Grafana 12.1.1 is fetched once, beside everything else")
    launched.tells(f"Grafana is started: http://127.0.0.1:{launched.port}")
    home = launched.folder / "servers/grafana-12.1.1"
    recorded = home / "bin/grafana.arguments"
    until("the server has recorded its start", recorded.is_file)
    until("all of it", lambda: recorded.read_text().strip())
    assert recorded.read_text().split() == ["server", "--homepath", str(home)]
    environ = dict(
        line.partition("=")[::2]
        for line in (home / "bin/grafana.environ").read_text().splitlines()
    )
    assert environ["GF_SERVER_HTTP_ADDR"] == "127.0.0.1"
    assert environ["GF_SERVER_HTTP_PORT"] == str(launched.port)
    assert environ["GF_PATHS_PROVISIONING"] == str(launched.folder / "grafana/provisioning")
    assert environ["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] == "true"
    assert launched.child.alive


def test_a_file_is_taken_without_a_network(
    launch: Callable[..., Launched], tmp_path: Path
) -> None:
    file = tmp_path / "grafana.tar.gz"
    file.write_bytes(archive())

    launched = launch(GRAFANA_ARCHIVE=str(file), QUAYMARK_GRAFANA_MIRROR="http://127.0.0.1:9")

    launched.tells(f"Grafana is unpacked from {file}")
    launched.tells("Grafana is started")


@pytest.mark.parametrize("fault", ["digest", "gone"])
def test_without_a_sound_archive_one_line_says_so_and_up_goes_on(
    shop: Shop, launch: Callable[..., Launched], fault: str
) -> None:
    shop.digest = "0" * 64
    url = shop.url if fault == "digest" else f"http://127.0.0.1:{free_port()}"

    launched = launch(QUAYMARK_GRAFANA_MIRROR=url)

    said = launched.tells("no Grafana: ")
    assert "The web page http://127.0.0.1:6080 shows the figures" in said
    launched.ends()
    assert sum("no Grafana" in line for line in launched.said) == 1


def test_a_server_that_dies_is_started_again_without_another_download(
    shop: Shop, launch: Callable[..., Launched]
) -> None:
    launched = launch(QUAYMARK_GRAFANA_MIRROR=shop.url)
    launched.tells("Grafana is started")
    recorded = launched.folder / "servers/grafana-12.1.1/bin/grafana.arguments"
    until("the server has recorded its start", recorded.is_file)
    recorded.unlink()

    launched.child.kill()

    def again() -> bool:
        launched.children.check()
        return recorded.is_file()

    until("it is started again", again)
    assert shop.asked == ["sha256", "gz"]
