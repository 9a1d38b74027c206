import pwd
from pathlib import Path

import pytest
from msgspec.structs import replace

from contract.settings import Settings
from stack.service.installation import Installation
from stack.service.installer import UnitInstaller
from stack.service.systemctl import Systemctl
from stack.service.unit_store import UnitStore


def installer(home: Path, user: str | None) -> UnitInstaller:
    own = Installation("q", home, Settings(), ("/bin/true",), {}, user, home / "user")
    return UnitInstaller(UnitStore(home), Systemctl(system=user is not None), own, "0.1.0")


def test_a_users_service_gets_its_data_folder_and_the_one_of_its_backups(tmp_path: Path) -> None:
    said = list(installer(tmp_path, None).prepare_folders(tmp_path / "kept"))

    assert said == []
    assert sorted(path.name for path in tmp_path.iterdir()) == [".quaymark", "kept"]


@pytest.mark.needs("root")
def test_a_system_service_gets_folders_of_its_own_and_hears_of_those_of_others(
    tmp_path: Path,
) -> None:
    somebody = next(one for one in pwd.getpwall() if one.pw_uid)
    (tmp_path / "kept").mkdir()

    said = list(installer(tmp_path, somebody.pw_name).prepare_folders(tmp_path / "kept"))

    [line] = said
    assert line.startswith(f"{tmp_path / 'kept'} belongs to root, and the service runs as")
    for name in (".quaymark", "user/.cache", "user/.m2"):
        assert (tmp_path / name).owner() == somebody.pw_name


def test_an_installation_knows_where_its_data_is() -> None:
    own = Installation("q", Path("/srv"), Settings(), (), {}, None, Path("/home/an"))

    assert own.data == Path("/srv/.quaymark")
    assert replace(own, settings=Settings(folder="/data/q")).data == Path("/data/q")
    assert not own.is_system
