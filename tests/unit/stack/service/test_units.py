import subprocess
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from contract.errors import Misconfigured
from contract.settings import Settings
from stack.service.hardening import WITH_NAMESPACES, WITHOUT_NAMESPACES
from stack.service.installation import (
    Installation,
    checked_name,
    kept_environ,
    left_out,
    refuse_temporary,
)
from stack.service.unit import SystemdUnit, command, path_value, word
from stack.service.units import STOP_SECONDS, backup_units, up_unit

OWN = Installation(
    name="quaymark",
    home=Path("/srv/port"),
    settings=Settings(),
    program=("/srv/port/.venv/bin/quaymark",),
    environ={"PATH": "/usr/bin", "QUAYMARK_LOG": "warning"},
    user=None,
    user_home=Path("/home/an"),
)
MACHINES = replace(OWN, user="port")
EXPOSURE = 30  # of 100: at 50 systemd says "medium"; Java and the network cost 21


def settings(unit: SystemdUnit, section: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in unit.sections:
        if one.name == section:
            for key, value in one.settings:
                found.setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("/srv/port", "/srv/port"),
        ("/srv/my port", '"/srv/my port"'),
        ("100%", "100%%"),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("南通", '"南通"'),
        ("", '""'),
    ],
)
def test_a_word_is_quoted_where_systemd_would_split_or_expand_it(text: str, written: str) -> None:
    assert word(text) == written


def test_a_dollar_is_doubled_in_a_command_and_nowhere_else() -> None:
    assert command("/bin/echo", "$HOME") == "/bin/echo $$HOME"
    assert word("PRICE=5$") == "PRICE=5$"


def test_a_path_with_a_line_break_can_not_be_a_unit() -> None:
    for write in (word, path_value):
        with pytest.raises(Misconfigured, match="control character"):
            write("/srv/a\nExecStartPre=/bin/true")


def test_up_runs_in_its_folder_with_the_settings_of_the_one_who_installs_it() -> None:
    service = settings(up_unit(OWN), "Service")

    assert service["ExecStart"] == ["/srv/port/.venv/bin/quaymark up --no-simulate"]
    assert service["WorkingDirectory"] == ["/srv/port"]
    assert service["EnvironmentFile"] == ["-/srv/port/.env"]
    assert "QUAYMARK_LOG=warning" in service["Environment"]
    assert settings(up_unit(OWN, simulate=True), "Service")["ExecStart"] == [
        "/srv/port/.venv/bin/quaymark up --simulate"
    ]


def test_a_stop_leaves_each_child_its_grace_one_after_the_other() -> None:
    service = settings(up_unit(OWN), "Service")

    # Kafka, Prometheus, Alertmanager, Grafana, worker, simulator, history, inbox, reports,
    # register, receiver, page, one more: 13 of 25 s, 20 of grace and 5 until they are killed
    assert service["TimeoutStopSec"] == ["325"] == [str(STOP_SECONDS)]
    assert service["KillMode"] == ["mixed"]  # else Kafka would get SIGTERM with the worker


def test_a_mistake_in_a_file_is_not_repeated_and_anything_else_is_tried_for_ever() -> None:
    unit = up_unit(OWN)

    assert settings(unit, "Service")["RestartPreventExitStatus"] == ["2"]
    assert settings(unit, "Service")["Restart"] == ["on-failure"]
    assert settings(unit, "Unit")["StartLimitIntervalSec"] == ["0"]


def test_a_users_unit_asks_for_no_namespace_and_starts_with_the_user() -> None:
    unit = up_unit(OWN)

    service = settings(unit, "Service")
    assert service.keys() >= {key for key, _ in WITHOUT_NAMESPACES}
    assert not service.keys() & {key for key, _ in WITH_NAMESPACES}
    assert "User" not in service
    assert settings(unit, "Install")["WantedBy"] == ["default.target"]
    assert "After" not in settings(unit, "Unit")


def test_a_system_unit_may_write_its_data_and_kafkas_jars_alone() -> None:
    unit = up_unit(MACHINES)

    service = settings(unit, "Service")
    assert service["User"] == ["port"]
    assert service["ProtectSystem"] == ["strict"]
    assert service["ReadWritePaths"] == ["-/home/an/.cache -/home/an/.m2 /srv/port/.quaymark"]
    assert settings(unit, "Install")["WantedBy"] == ["multi-user.target"]


@pytest.mark.parametrize(
    ("change", "named", "mend"),
    [
        ({"home": Path("/tmp/port")}, "/tmp/port", "move it"),
        ({"home": Path("/var/tmp/port")}, "/var/tmp/port", "move it"),
        ({"settings": Settings(folder="/tmp/data")}, "/tmp/data", "move it"),
        ({"settings": Settings(inbox="/tmp/in")}, "/tmp/in", "move it"),
        ({"program": ("/tmp/q/.venv/bin/quaymark",)}, "/tmp/q/.venv/bin/quaymark", "clone"),
    ],
)
def test_a_service_is_refused_below_tmp_which_it_would_not_see(
    change: dict[str, Any], named: str, mend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stack.service.installation.SOURCE", Path("/srv/quaymark"))
    refuse_temporary(MACHINES, Path("/backup/port"))

    for installation in (OWN, MACHINES):
        with pytest.raises(Misconfigured) as refused:
            refuse_temporary(replace(installation, **change))
        assert str(refused.value).startswith(f"{named} lies below /")
        assert mend in str(refused.value)


def test_a_backup_below_tmp_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stack.service.installation.SOURCE", Path("/srv/quaymark"))

    with pytest.raises(Misconfigured, match=r"^/tmp/kept lies below /tmp,"):
        refuse_temporary(MACHINES, Path("/tmp/kept"))


def test_the_nightly_backup_may_write_to_its_folder_and_makes_up_for_a_night_it_missed() -> None:
    service, timer = backup_units(MACHINES, Path("/backup/the port"), "02:30")

    own = settings(service, "Service")
    assert own["ExecStart"] == ['/srv/port/.venv/bin/quaymark backup "/backup/the port"']
    assert own["ReadWritePaths"][0].endswith('/srv/port/.quaymark "/backup/the port"')
    assert '"/backup/the port"' in settings(service, "Unit")["RequiresMountsFor"][0]
    assert settings(timer, "Timer") == {"OnCalendar": ["*-*-* 02:30:00"], "Persistent": ["true"]}


def test_a_unit_holds_the_settings_but_no_secret() -> None:
    environ = {
        "QUAYMARK_KAFKA": "kafka:9092",
        "QUAYMARK_SASL_PASSWORD": "open sesame",
        "GRAFANA_ADMIN_PASSWORD": "open sesame",
        "HOME": "/home/an",
    }

    kept = kept_environ(environ)

    assert kept.keys() == {"PATH", "QUAYMARK_KAFKA"}
    assert left_out(environ) == ["QUAYMARK_SASL_PASSWORD"]


def test_a_name_must_do_for_a_file() -> None:
    assert checked_name("port-2") == "port-2"
    for name in ("", "../x", "a b", "a.service"):
        with pytest.raises(Misconfigured, match="--name"):
            checked_name(name)


@pytest.mark.needs("systemd-analyze")
@pytest.mark.parametrize("installation", [OWN, MACHINES], ids=["user", "system"])
def test_systemd_finds_no_fault_in_the_units(installation: Installation, tmp_path: Path) -> None:
    program = tmp_path / "100% sure" / "quaymark"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    here = replace(
        installation, program=(str(program),), user=installation.user and "root", home=tmp_path
    )
    units = [up_unit(here), *backup_units(here, tmp_path / "a b", "02:30")]
    for unit in units:
        (tmp_path / unit.file).write_text(unit.text, "utf-8")

    scope = "--system" if here.is_system else "--user"
    files = [str(tmp_path / unit.file) for unit in units]
    done = subprocess.run(
        ["systemd-analyze", scope, "--man=no", "verify", *files],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(tmp_path)},
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.needs("systemd-analyze")
def test_systemd_calls_the_system_unit_well_guarded(tmp_path: Path) -> None:
    file = tmp_path / "quaymark.service"
    file.write_text(up_unit(MACHINES).text, "utf-8")

    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    if "offline" in done.stderr:
        pytest.skip("this systemd can't judge a file")

    assert done.returncode == 0, done.stdout
