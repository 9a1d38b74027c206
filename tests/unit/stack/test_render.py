from pathlib import Path

from stack.render import stale, write

FILES = {"deploy/a.yml": "a\n", "docs/b.md": "端口\n"}


def test_what_was_written_is_not_stale(tmp_path: Path) -> None:
    assert write(tmp_path, FILES, ("deploy",)) == ["deploy/a.yml", "docs/b.md"]

    assert stale(tmp_path, FILES, ("deploy",)) == []
    assert write(tmp_path, FILES, ("deploy",)) == []


def test_a_changed_a_missing_and_a_left_over_file_are_named(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    (tmp_path / "deploy/a.yml").write_text("b\n")
    (tmp_path / "docs/b.md").unlink()
    (tmp_path / "deploy/old.yml").write_text("")
    (tmp_path / "docs/by-hand.md").write_text("")  # docs/ is not ours alone

    assert stale(tmp_path, FILES, ("deploy",)) == ["deploy/a.yml", "deploy/old.yml", "docs/b.md"]

    write(tmp_path, FILES, ("deploy",))
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["a.yml", "b.md", "by-hand.md"]
