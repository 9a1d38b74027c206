from pathlib import Path

from contract.book import read_book
from stack.render import OWNED, repository_files, stale_files, write_files

ROOT = Path(__file__).parents[3]

FILES = {"deploy/a.yml": "a\n", "docs/b.md": "端口\n"}


def test_what_was_written_is_not_stale(tmp_path: Path) -> None:
    assert write_files(tmp_path, FILES, ("deploy",)) == ["deploy/a.yml", "docs/b.md"]

    assert stale_files(tmp_path, FILES, ("deploy",)) == []
    assert write_files(tmp_path, FILES, ("deploy",)) == []


def test_a_changed_a_missing_and_a_left_over_file_are_named(tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    (tmp_path / "deploy/a.yml").write_text("b\n")
    (tmp_path / "docs/b.md").unlink()
    (tmp_path / "deploy/old.yml").write_text("")
    (tmp_path / "docs/by-hand.md").write_text("")  # docs/ is not ours alone

    assert stale_files(tmp_path, FILES, ("deploy",)) == [
        "deploy/a.yml",
        "deploy/old.yml",
        "docs/b.md",
    ]

    write_files(tmp_path, FILES, ("deploy",))
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["a.yml", "b.md", "by-hand.md"]


def test_a_board_edited_by_hand_is_named(tmp_path: Path) -> None:
    book = read_book((ROOT / "quaymark.toml").read_text(encoding="utf-8"), "quaymark.toml")
    files = repository_files(book)
    write_files(tmp_path, files)
    board = tmp_path / "deploy/grafana/dashboards/zh/port.json"
    board.write_text(board.read_text(encoding="utf-8").replace("#56B4E9", "#FF0000"), "utf-8")

    assert stale_files(tmp_path, files, OWNED) == ["deploy/grafana/dashboards/zh/port.json"]


def test_one_language_alone_leaves_no_board_of_another(tmp_path: Path) -> None:
    book = read_book((ROOT / "quaymark.toml").read_text(encoding="utf-8"), "quaymark.toml")
    write_files(tmp_path, repository_files(book))

    write_files(tmp_path, repository_files(book, ("zh",)), OWNED)

    boards = tmp_path / "deploy/grafana/dashboards"
    assert [path.name for path in boards.iterdir() if any(path.iterdir())] == ["zh"]
