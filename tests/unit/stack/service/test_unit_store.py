from pathlib import Path

import pytest

from contract.errors import Misconfigured
from stack.service.unit import SystemdUnit, UnitSection
from stack.service.unit_store import UnitState, UnitStore, full_text, is_ours

UNIT = SystemdUnit("q.service", (UnitSection("Service", (("WorkingDirectory", "/srv/100%%"),)),))
OTHER = SystemdUnit("q.service", (UnitSection("Service", (("WorkingDirectory", "/srv/b"),)),))


def test_a_unit_is_missing_then_the_same_then_ours_after_an_update(tmp_path: Path) -> None:
    store = UnitStore(tmp_path / "made")

    assert store.state(UNIT, "0.1.0") is UnitState.MISSING
    store.write(UNIT, "0.1.0")
    assert store.state(UNIT, "0.1.0") is UnitState.SAME
    assert store.state(UNIT, "0.2.0") is UnitState.OURS
    assert store.state(OTHER, "0.1.0") is UnitState.OURS
    assert store.home("q.service") == "/srv/100%"
    assert store.home("none.service") is None


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + "MemoryMax=6G\n",
        lambda text: text.replace("/srv", "/opt"),
        lambda text: text.split("\n", 1)[1],  # somebody took the head away
        lambda text: "[Service]\n",
    ],
)
def test_a_unit_that_a_person_changed_is_recognised(change, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # lambdas
    store = UnitStore(tmp_path)
    store.write(UNIT, "0.1.0")
    path = store.path("q.service")
    path.write_text(change(path.read_text("utf-8")), "utf-8")

    assert store.state(UNIT, "0.1.0") is UnitState.CHANGED
    assert not is_ours(path.read_text("utf-8"))
    assert any(line.startswith("-") for line in store.difference(UNIT, "0.1.0"))


def test_a_changed_unit_is_set_aside_and_ours_is_deleted(tmp_path: Path) -> None:
    store = UnitStore(tmp_path)
    store.write(UNIT, "0.1.0")
    assert store.take_away("q.service") == f"removed {tmp_path}/q.service"
    assert list(tmp_path.iterdir()) == []

    changed = full_text(UNIT, "0.1.0") + "# mine\n"
    (tmp_path / "q.service").write_text(changed, "utf-8")
    said = store.take_away("q.service")

    assert said is not None
    assert "changed by hand" in said
    assert (tmp_path / "q.service.changed").read_text("utf-8") == changed
    assert store.take_away("q.service") is None


def test_a_folder_that_is_roots_is_the_users_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, mode: int = 0, **more: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)

    with pytest.raises(Misconfigured, match="sudo"):
        UnitStore(tmp_path / "x").write(UNIT, "0.1.0")
