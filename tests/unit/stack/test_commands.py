import os
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import mock

import pytest

from stack.processes.tcp_ports import free_port
from tests.unit.stack.command_line import Done, quaymark

ROOT = Path(__file__).parents[3]


def _environ(folder: str, settings: dict[str, str]) -> dict[str, str]:
    """Name an empty folder, never that of a stack that runs here."""
    return {"PATH": os.defpath, "COLUMNS": "100", "QUAYMARK_FOLDER": folder} | settings


def _run(*arguments: str, **settings: str) -> Done:
    with tempfile.TemporaryDirectory() as folder:
        return quaymark(arguments, ROOT, _environ(folder, settings))


def test_it_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    settings = {"PYTHONPATH": str(ROOT), "QUAYMARK_METRICS_PORT": "eighty"}
    done = subprocess.run(
        [sys.executable, "-m", "stack", "status"],
        cwd=ROOT,
        env=_environ(str(tmp_path), settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert "QUAYMARK_METRICS_PORT" in done.stderr


def test_help_lists_the_verbs_in_the_order_of_use() -> None:
    done = _run("--help")

    assert done.returncode == 0
    listed = [line.split()[0] for line in done.stdout.split("Commands:")[1].splitlines() if line]
    running, feeding = (
        [
            "init",
            "up",
            "down",
            "status",
            "doctor",
            "web",
            "report",
            "explain",
            "find",
            "reconcile",
        ],
        ["simulate", "import", "inbox", "receive", "rejected", "targets"],
    )
    keeping, making = (
        ["books", "archive", "register", "replay", "runs", "history"],
        ["service", "backup", "restore", "upgrade", "alerts", "render", "topics"],
    )
    wanted = [*running, *feeding, *keeping, *making]
    assert listed[: len(wanted)] == wanted
    assert "..." not in done.stdout.split("Commands:")[1]  # no first line is cut


def test_a_wrong_setting_is_the_users_mistake() -> None:
    done = _run("status", QUAYMARK_METRICS_PORT="eighty")

    assert done.returncode == 2
    assert "QUAYMARK_METRICS_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_setting_is_refused_and_the_known_ones_are_listed() -> None:
    done = _run("status", QUAYMARK_PORT="1")

    assert done.returncode == 2
    assert "QUAYMARK_PORT is not a setting" in done.stderr
    assert "QUAYMARK_METRICS_PORT" in done.stderr


@pytest.mark.parametrize("verb", ["up", "render"])
def test_a_mistake_in_the_book_is_named_with_its_place(verb: str, tmp_path: Path) -> None:
    book = tmp_path / "quaymark.toml"
    book.write_text((ROOT / "quaymark.toml").read_text("utf-8").replace("400", "-400"), "utf-8")

    done = _run(verb, QUAYMARK_BOOK=str(book), QUAYMARK_FOLDER=str(tmp_path / "q"))

    assert done.returncode == 2
    assert str(book) in done.stderr
    assert "port.open_days" in done.stderr
    assert not (tmp_path / "q").exists()


def test_a_missing_book_says_which_setting_names_it(tmp_path: Path) -> None:
    done = _run("up", QUAYMARK_BOOK=str(tmp_path / "none.toml"))

    assert done.returncode == 2
    assert "none.toml" in done.stderr
    assert "QUAYMARK_BOOK" in done.stderr


def test_status_without_a_worker_says_how_to_start_one() -> None:
    done = _run("status", QUAYMARK_METRICS_PORT=str(free_port()))

    assert done.returncode == 1
    assert "quaymark up" in done.stderr


def test_down_says_that_nothing_runs(tmp_path: Path) -> None:
    done = _run("down", QUAYMARK_FOLDER=str(tmp_path))

    assert done.returncode == 0
    assert done.stdout == "nothing runs\n"


def test_verify_without_a_worker_says_what_else_to_ask() -> None:
    done = _run("books", "verify", QUAYMARK_METRICS_PORT=str(free_port()))

    assert done.returncode == 1
    assert "--snapshots" in done.stderr


@pytest.mark.parametrize("options", [("--snapshots", "--worker", "a:1"), ("--worker", "a")])
def test_verify_refuses_options_that_make_no_sense(options: tuple[str, ...]) -> None:
    done = _run("books", "verify", *options)

    assert done.returncode == 2
    assert "--worker" in done.stderr


def test_books_without_a_broker_say_which_setting_names_it() -> None:
    for line in (("verify", "--snapshots"), ("rebuild", "--yes")):
        done = _run("books", *line, QUAYMARK_KAFKA=f"127.0.0.1:{free_port()}")

        assert done.returncode == 1
        assert "QUAYMARK_KAFKA" in done.stderr
        assert "Traceback" not in done.stderr


def test_the_status_of_history_names_a_block_that_prometheus_can_not_use(tmp_path: Path) -> None:
    (tmp_path / "01ARZ3NDEKTSV4RRFFQ69G5FAV").mkdir()

    done = _run("history", "status", "--data", str(tmp_path), COLUMNS="400")

    assert done.returncode == 0, done.stderr
    said = done.stdout
    assert "01ARZ3NDEKTSV4RRFFQ69G5FAV is incomplete, it has no meta.json: move it away" in said
    assert "no history in" in said


def test_simulated_years_are_no_part_of_a_real_port() -> None:
    done = _run("up", "--no-simulate", "--story")

    assert done.returncode == 2
    assert "--story sends simulated moves" in done.stderr


def test_a_wrong_option_is_the_users_mistake() -> None:
    assert _run("up", "--no-such-option").returncode == 2


def test_the_rendered_files_are_up_to_date() -> None:
    done = _run("render", "--check")

    assert done.returncode == 0, done.stderr


def test_a_machine_without_systemd_gets_a_clear_word() -> None:
    for line in (("install",), ("status",), ("remove",)):
        done = _run("service", *line, PATH="/nonexistent")

        assert done.returncode == 2
        assert "systemd does not run this machine" in done.stderr
        assert "quaymark up" in done.stderr


def test_a_service_is_not_installed_below_tmp_and_nothing_is_written() -> None:
    with (
        tempfile.TemporaryDirectory(dir="/tmp") as folder,
        mock.patch("stack.verbs.service.refuse_no_systemd"),
    ):
        home = Path(folder)
        environ = _environ("q", {"HOME": folder})
        done = quaymark(("service", "install"), home, environ)

        assert done.returncode == 2
        assert "lies below /tmp, which a service does not see" in done.stderr
        assert list(home.iterdir()) == []


def test_the_units_are_printed_for_another_machine() -> None:
    done = _run("service", "install", "--print", "--backup", "/backup/port", "--at", "01:05")

    assert done.returncode == 0, done.stderr
    assert f"WorkingDirectory={ROOT}\n" in done.stdout
    assert "OnCalendar=*-*-* 01:05:00\n" in done.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--at", "2:30"), "--at is 2:30"),
        (("--at", "24:00"), "--at is 24:00"),
        (("--memory", "lots"), "--memory is lots"),
        (("--user", "an"), "--user names who runs a --system service"),
        (("--system", "--user", "no-such-user"), "no-such-user is no user of this machine"),
        (("--name", "a/b"), "--name is 'a/b'"),
    ],
)
def test_an_option_of_service_that_makes_no_sense_is_refused(
    options: tuple[str, ...], said: str
) -> None:
    done = _run("service", "install", "--print", *options)

    assert done.returncode == 2
    assert said in done.stderr


def test_commands_read_the_env_file_of_their_folder_and_the_environment_comes_first(
    tmp_path: Path,
) -> None:
    (tmp_path / ".env").write_text("QUAYMARK_METRICS_PORT=1\nQUAYMARK_LOG=info\n", "utf-8")

    def status(**settings: str) -> str:
        return quaymark(("status",), tmp_path, _environ(str(tmp_path / "q"), settings)).stderr

    assert "no worker answers at 127.0.0.1:1: " in status()
    assert "127.0.0.1:2: " in status(QUAYMARK_METRICS_PORT="2")


@pytest.mark.parametrize("option", ["--simulate", "--story"])
def test_a_real_port_is_never_simulated(option: str, tmp_path: Path) -> None:
    book = tmp_path / "quaymark.toml"
    text = (ROOT / "quaymark.toml").read_text("utf-8")
    book.write_text(text.replace("[port]", "[port]\nsimulated = false"), "utf-8")

    done = _run("up", option, QUAYMARK_BOOK=str(book))

    assert done.returncode == 2
    assert "simulated = false" in done.stderr
    assert option in done.stderr
