from pathlib import Path

import pytest

from contract.errors import Misconfigured
from stack.service.env_file import is_secret, read_env_file


def test_an_env_file_is_read_as_systemd_and_compose_read_it(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "# ports\n\n; of this port\nQUAYMARK_LOG = info\nA='two words'\nexport B=\"x=y\"\nC=\n"
    )

    assert read_env_file(file) == {"QUAYMARK_LOG": "info", "A": "two words", "B": "x=y", "C": ""}


def test_no_env_file_is_no_setting(tmp_path: Path) -> None:
    assert read_env_file(tmp_path / ".env") == {}


def test_a_line_that_is_no_assignment_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("A=1\nQUAYMARK_LOG info\n")

    with pytest.raises(Misconfigured, match=r"line 2: expected NAME=value, found 'QUAYMARK_LOG"):
        read_env_file(file)


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("GRAFANA_ADMIN_PASSWORD", "x", True),
        ("QUAYMARK_EVENTS_TOKEN", "x", True),
        ("HTTPS_PROXY", "http://an:sesame@proxy:3128", True),
        ("HTTPS_PROXY", "http://proxy:3128", False),
        ("QUAYMARK_KAFKA", "kafka:9092", False),
        ("QUAYMARK_PASSWORD_FILE", "/etc/port/kafka.pw", False),
        ("COMPOSE_PROJECT_NAME", "port", False),
    ],
)
def test_a_secret_is_known_by_its_name_or_by_its_value(
    name: str, value: str, secret: bool
) -> None:
    assert is_secret(name, value) is secret
