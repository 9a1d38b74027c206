import os
from pathlib import Path

from stack.processes.tcp_ports import free_port
from tests.unit.stack.command_line import Done, quaymark

ROOT = Path(__file__).parents[4]
SETTING = """
[[release]]
version = "9.0.0"
[[release.change]]
id = "store-gone"
kind = "setting"
names = ["QUAYMARK_OLD_STORE"]
changelog = "x"
what = "The setting is gone."
do = "Take it out."
[[release.change]]
id = "books-anew"
kind = "ledger"
changelog = "x"
what = "Books must be counted again."
do = "Run it."
[[release.change]]
id = "series-renamed"
kind = "series"
names = ["port_teu"]
changelog = "x"
what = "It has another name."
do = "Rename it."
"""


def upgrade(folder: Path, *options: str, text: str = SETTING, **environ: str) -> Done:
    nobody = {"QUAYMARK_PROMETHEUS_PORT": str(free_port())}
    settings = {"PATH": os.defpath, "COLUMNS": "300"} | nobody | environ
    return quaymark(("upgrade", "--check", *options), folder, settings, given=text)


def ran(folder: Path, *lines: str) -> None:
    (folder / ".quaymark/data/kafka/logs").mkdir(parents=True)
    text = "".join(
        f'{{"version": "0.{number}.0", "changes": [{ids}], "at": "2026-11-29T00:00:00Z"}}\n'
        for number, ids in enumerate(lines, 1)
    )
    if text:
        (folder / ".quaymark/versions.jsonl").write_text(text)


def test_where_nothing_ran_nothing_changes(tmp_path: Path) -> None:
    done = upgrade(tmp_path)

    assert done.returncode == 0
    assert "nothing has run in" in done.stdout


def test_each_change_says_whether_it_concerns_this_port(tmp_path: Path) -> None:
    ran(tmp_path, "")
    changelog = tmp_path / ".quaymark/data/kafka/logs/quaymark-ledger-changelog-0"
    changelog.mkdir()

    done = upgrade(tmp_path, "--with", "-", QUAYMARK_OLD_STORE="disk")

    assert done.returncode == 1, done.stderr
    said = done.stdout
    assert "from 0.1.0, which ran here since 2026-11-29 00:00" in said
    assert "setting, store-gone: concerns this port (QUAYMARK_OLD_STORE is set)" in said
    assert "ledger, books-anew: concerns this port (this folder has books)" in said
    assert "series, series-renamed: look whether it concerns you (no Prometheus" in said
    assert "  → Take it out.\n" in said


def test_a_setting_may_stand_in_the_env_file(tmp_path: Path) -> None:
    ran(tmp_path, '"books-anew", "series-renamed"')
    assert upgrade(tmp_path, "--with", "-").returncode == 0

    (tmp_path / ".env").write_text("QUAYMARK_OLD_STORE=disk\n")
    done = upgrade(tmp_path, "--with", "-")

    assert done.returncode == 1
    assert "concerns this port" in done.stdout


def test_what_the_last_release_knew_is_not_named_again_but_by_before(tmp_path: Path) -> None:
    everything = '"store-gone", "books-anew", "series-renamed"'
    ran(tmp_path, '"store-gone"', everything)

    assert "nothing changes" in upgrade(tmp_path, "--with", "-").stdout
    done = upgrade(tmp_path, "--with", "-", "--before")

    assert "series-renamed" in done.stdout
    assert "store-gone" not in done.stdout


def test_a_release_that_left_no_note_gets_the_whole_list(tmp_path: Path) -> None:
    ran(tmp_path)
    (tmp_path / ".quaymark/data/kafka/x").touch()

    done = upgrade(tmp_path)

    assert done.returncode == 1, done.stderr
    assert "left no note" in done.stdout
    assert "ledger-changelog-2" in done.stdout


def test_a_newer_release_that_ran_here_is_named(tmp_path: Path) -> None:
    ran(tmp_path, '"of-the-future"')

    done = upgrade(tmp_path)

    assert done.returncode == 1
    assert "0.1.0 ran here and is newer: it knows of-the-future" in done.stderr


def test_without_check_nothing_is_done() -> None:
    done = quaymark(("upgrade",), ROOT, {"PATH": os.defpath})

    assert done.returncode == 2
    assert "--check" in done.stderr
