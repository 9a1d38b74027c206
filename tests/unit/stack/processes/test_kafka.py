import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from contract.errors import StackError
from stack.processes import jars
from stack.processes.kafka import Broker, needs_formatting


def test_the_controller_listens_a_thousand_above_the_broker_or_below_at_the_end() -> None:
    assert Broker.at(Path(), 9092).controller_port == 10092
    assert Broker.at(Path(), 65000).controller_port == 64000


def test_a_new_folder_is_formatted(tmp_path: Path) -> None:
    assert needs_formatting(tmp_path / "logs")


def test_a_formatted_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "meta.properties").write_text("version=1")
    (tmp_path / "port.moves.raw-0").mkdir()

    assert not needs_formatting(tmp_path)


def test_a_half_formatted_folder_without_records_is_formatted_again(tmp_path: Path) -> None:
    (tmp_path / "__cluster_metadata-0").mkdir()
    (tmp_path / "bootstrap.checkpoint").write_text("")

    assert needs_formatting(tmp_path)


def test_records_without_their_label_are_never_formatted_away(tmp_path: Path) -> None:
    (tmp_path / "port.moves.raw-0").mkdir()

    with pytest.raises(StackError, match=r"port\.moves\.raw-0.*no meta\.properties"):
        needs_formatting(tmp_path)


def test_a_remembered_class_path_needs_no_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jar = tmp_path / "a.jar"
    jar.write_text("")
    memory = tmp_path / "class-path"
    memory.write_text(str(jar))
    monkeypatch.setattr(jars, "_fetch", lambda say: pytest.fail("asked Maven"))

    assert jars.class_path(pytest.fail, memory) == str(jar)


def test_a_jar_that_is_gone_is_fetched_again_and_the_list_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = tmp_path / "class-path"
    memory.write_text(str(tmp_path / "gone.jar"))
    monkeypatch.setattr(jars, "_fetch", lambda say: [Path("/m2/b.jar"), Path("/m2/c.jar")])

    assert jars.class_path(lambda line: None, memory) == "/m2/b.jar:/m2/c.jar"

    assert memory.read_text() == "/m2/b.jar:/m2/c.jar"


def test_of_several_that_need_the_jars_at_once_one_fetches_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jar = tmp_path / "a.jar"
    jar.write_text("")
    fetches: list[int] = []
    both = Event()

    def fetch(say: object) -> list[Path]:
        fetches.append(1)
        if len(fetches) > 1:
            both.set()
        both.wait(0.3)  # long enough for the others to come in, if nothing held them
        return [jar]

    monkeypatch.setattr(jars, "_fetch", fetch)
    with ThreadPoolExecutor(3) as pool:
        found = pool.map(lambda _: jars.class_path(lambda line: None, tmp_path / "path"), range(3))

    assert list(found) == [str(jar)] * 3
    assert len(fetches) == 1


def test_the_pinned_jars_are_of_one_kafka_and_have_hashes() -> None:
    pinned = jars.pinned()

    versions = {name.split(":")[2] for name in pinned if name.startswith("org.apache.kafka:")}
    assert versions == {jars.KAFKA_VERSION}
    assert set(jars.COORDINATES) <= pinned.keys()
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in pinned.values())


def test_without_a_network_the_message_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(say: object) -> list[Path]:
        raise OSError("connection refused")

    monkeypatch.setattr(jars, "_fetch", refused)

    with pytest.raises(StackError, match=r"connection refused; check the network"):
        jars.class_path(lambda line: None, tmp_path / "class-path")
