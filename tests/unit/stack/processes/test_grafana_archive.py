"""Grafana's archive: fetched whole or not at all, checked, unpacked within its folder."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.errors import StackError
from contract.settings import Settings
from stack.processes import grafana_archive
from stack.processes.grafana_archive import archive_url, grafana_here, unpack
from stack.processes.grafana_download import Patience
from stack.processes.tcp_ports import free_port
from tests.unit.stack.processes.grafana_shop import RECORDER, Shop, archive, serving

SHORT = Patience(answer_seconds=20.0, told_seconds=0.0)


@pytest.fixture(autouse=True)
def _some_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grafana_archive, "NEEDED_BYTES", 1)
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with serving(archive()) as found:
        yield found


def settings(folder: Path, url: str) -> Settings:
    return Settings(folder=str(folder), grafana_mirror=url)


def left(folder: Path) -> list[str]:
    """What lies in the folder of servers."""
    return sorted(path.name for path in (folder / "servers").glob("*"))


def test_the_pinned_archive_is_fetched_checked_and_unpacked(shop: Shop, tmp_path: Path) -> None:
    said: list[str] = []

    found = grafana_here(settings(tmp_path, shop.url), {}, said.append, SHORT)

    assert found.program == tmp_path / "servers/grafana-12.1.1/bin/grafana"
    assert found.program.read_text() == RECORDER
    assert left(tmp_path) == ["grafana-12.1.1"]
    assert shop.asked == ["sha256", "gz"]
    assert said[0].startswith("Grafana 12.1.1 is fetched once, beside everything else: http://")
    assert "MB are fetched" in said[1]


def test_what_was_fetched_before_is_not_asked_for_again(shop: Shop, tmp_path: Path) -> None:
    grafana_here(settings(tmp_path, shop.url), {}, lambda _: None, SHORT)
    grafana_here(settings(tmp_path, "http://127.0.0.1:9"), {}, lambda _: None, SHORT)

    assert shop.asked == ["sha256", "gz"]


def test_an_archive_of_another_digest_is_deleted(shop: Shop, tmp_path: Path) -> None:
    shop.digest = "0" * 64

    with pytest.raises(StackError, match="but 0000000000000000… is published beside it"):
        grafana_here(settings(tmp_path, shop.url), {}, lambda _: None, SHORT)

    assert left(tmp_path) == []


def test_a_page_in_place_of_the_digest_is_refused(shop: Shop, tmp_path: Path) -> None:
    shop.digest = "<html>sign in to the network</html>"

    with pytest.raises(StackError, match=r"\.sha256 holds no SHA-256 but '<html>sign in"):
        grafana_here(settings(tmp_path, shop.url), {}, lambda _: None, SHORT)

    assert shop.asked == ["sha256"]


def test_a_cut_download_goes_on_where_it_ended(shop: Shop, tmp_path: Path) -> None:
    shop.cuts = [100, 50]

    found = grafana_here(settings(tmp_path, shop.url), {}, lambda _: None, SHORT)

    assert found.program
    assert shop.asked == ["sha256", "gz", "gz bytes=100-", "gz bytes=150-"]


def test_a_server_without_ranges_is_asked_from_the_beginning(shop: Shop, tmp_path: Path) -> None:
    shop.cuts, shop.takes_ranges = [100], False

    assert grafana_here(settings(tmp_path, shop.url), {}, lambda _: None, SHORT).program


def test_a_download_that_is_always_cut_is_left_for_the_next_time(
    shop: Shop, tmp_path: Path
) -> None:
    shop.cuts = [10, 10, 10]
    with pytest.raises(StackError, match="was cut off 3 times"):
        grafana_here(settings(tmp_path, shop.url), {}, lambda _: None, SHORT)
    assert [path.rpartition(".")[2] for path in left(tmp_path)] == ["part"]

    assert grafana_here(settings(tmp_path, shop.url), {}, lambda _: None, SHORT).program
    assert shop.asked[-1] == "gz bytes=30-"


def test_a_server_that_never_answers_is_given_up(shop: Shop, tmp_path: Path) -> None:
    over = threading.Event()
    shop.wait = lambda: over.wait(20)

    with pytest.raises(StackError, match="can't be reached"):
        grafana_here(
            settings(tmp_path, shop.url), {}, lambda _: None, Patience(answer_seconds=0.2)
        )
    over.set()


def test_a_slow_server_is_given_up(shop: Shop, tmp_path: Path) -> None:
    """Whatever it sends is fewer bytes a second than a billion."""
    fast = Patience(slow_seconds=0.0, least_bytes_a_second=1e9)

    with pytest.raises(StackError, match="too slow: 0 of 0 MB are there, and the next `up`"):
        grafana_here(settings(tmp_path, shop.url), {}, lambda _: None, fast)


def test_without_a_network_one_sentence_says_so(tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(StackError, match=r"sha256 can't be reached \(.*refused\)") as raised:
        grafana_here(settings(tmp_path, nowhere), {}, lambda _: None, SHORT)
    assert "\n" not in str(raised.value)


def test_a_server_that_has_no_such_version_is_named(shop: Shop, tmp_path: Path) -> None:
    shop.answer = lambda request: request.send_error(404)  # type: ignore[method-assign]

    with pytest.raises(StackError, match=r"linux-\w+\.tar\.gz\.sha256 answers 404 Not Found"):
        grafana_here(settings(tmp_path, shop.url), {}, lambda _: None, SHORT)


def test_a_given_file_needs_no_network(tmp_path: Path) -> None:
    file = tmp_path / "grafana.tar.gz"
    file.write_bytes(archive("grafana-v13.0.0"))
    given = {"GRAFANA_ARCHIVE": str(file)}
    nowhere = settings(tmp_path, "http://127.0.0.1:9")

    found = grafana_here(nowhere, given, lambda _: None, SHORT)
    again = grafana_here(nowhere, given, lambda _: None, SHORT)

    assert found.program
    assert again == found
    assert file.is_file()


def test_a_given_file_is_checked_by_the_digest_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "grafana.tar.gz"
    file.write_bytes(archive())
    (tmp_path / "grafana.tar.gz.sha256").write_text("0" * 64)

    with pytest.raises(StackError, match=r"has another digest than grafana\.tar\.gz\.sha256 says"):
        grafana_here(
            Settings(folder=str(tmp_path)), {"GRAFANA_ARCHIVE": str(file)}, lambda _: None, SHORT
        )


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"no archive", "can't be unpacked"),
        (archive()[:-20], "can't be unpacked"),
        (archive(**{"grafana-12.1.1/out": "/etc"}), "outside its folder"),
        (archive(**{"grafana-12.1.1/out": "../../x"}), "outside its folder"),
        (archive(top="../../grafana"), "outside its folder"),
        (archive(top="/tmp/grafana"), "outside its folder"),
    ],
)
def test_what_is_no_archive_or_leaves_its_folder_is_not_unpacked(
    content: bytes, wrong: str, tmp_path: Path
) -> None:
    file = tmp_path / "x.tar.gz"
    file.write_bytes(content)

    with pytest.raises(StackError, match=wrong):
        unpack(file, tmp_path / "servers/home")

    assert left(tmp_path) == []
    assert {path.name for path in tmp_path.iterdir()} == {"x.tar.gz", "servers"}


def test_an_archive_of_something_else_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x.tar.gz"
    file.write_bytes(archive(top="a/b/c"))

    with pytest.raises(StackError, match="holds no bin/grafana: it is no archive of Grafana"):
        unpack(file, tmp_path / "servers/home")


def test_the_address_names_version_and_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    given = Settings(grafana_version="13.0.1", grafana_mirror="http://mirror.example/g/")

    assert archive_url(given) == "http://mirror.example/g/grafana-13.0.1.linux-arm64.tar.gz"

    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(StackError, match="there is no archive for Linux on riscv64"):
        archive_url(given)
