from pathlib import Path

import pytest

from contract.errors import Misconfigured
from contract.settings import Settings
from stack.backup.settings_files import settings_files

ALERTING = """
[[receiver]]
name = "office"
email = [{ to = "a@b.cn", from = "q@b.cn", smarthost = "mail:25", password_file = "mail.pw" }]
webhook = [{ url_file = "hook.url" }, { url = "http://x/y", token_file = "hook.token" }]
wecom = [{ corp_id = "c", agent_id = "1", secret_file = "wecom.secret", to_user = "@all" }]
"""


def test_each_secret_is_left_out_and_named(tmp_path: Path) -> None:
    (tmp_path / "quaymark.toml").write_text("x = 1\n")
    (tmp_path / "alerting.toml").write_text(ALERTING)
    for name in ("mail.pw", "hook.url", "hook.token", "wecom.secret"):
        (tmp_path / name).write_text("open sesame\n")
    (tmp_path / ".env").write_text(
        "# the port's\nQUAYMARK_LOG=info\nGRAFANA_ADMIN_PASSWORD=open sesame\n"
        "HTTPS_PROXY=http://an:open-sesame@proxy:3128\nKAFKA_PASSWORD_FILE=kafka.pw\n"
    )

    found = {file.name: file for file in settings_files(Settings(), tmp_path)}

    assert found.keys() == {"quaymark.toml", "alerting.toml", ".env"}
    assert found["quaymark.toml"].content == b"x = 1\n"
    said = "\n".join(line for file in found.values() for line in file.left_out)
    names = ("mail.pw", "hook.url", "hook.token", "wecom.secret", "GRAFANA_ADMIN_PASSWORD")
    for name in (*names, "HTTPS_PROXY", "kafka.pw"):
        assert said.count(name) == 1, name
    kept = found[".env"].content.decode().splitlines()
    assert kept[:2] == ["# the port's", "QUAYMARK_LOG=info"]
    assert kept[2].startswith("# GRAFANA_ADMIN_PASSWORD=")
    assert not any(b"sesame" in file.content for file in found.values())


def test_files_lie_where_the_settings_say(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/port.toml").write_text("x = 1\n")
    settings = Settings(book="etc/port.toml", targets=str(tmp_path / "none.toml"))

    [only] = settings_files(settings, tmp_path)

    assert (only.name, only.path) == ("quaymark.toml", tmp_path / "etc/port.toml")


def test_a_mistake_in_alerting_stops_the_backup(tmp_path: Path) -> None:
    (tmp_path / "alerting.toml").write_text("receiver = 1\n")

    with pytest.raises(Misconfigured, match=r"alerting\.toml"):
        list(settings_files(Settings(), tmp_path))
