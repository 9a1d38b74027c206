"""What `make audit` makes of pip-audit's answer: what nobody looked up is never called clean."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[3] / "install/audit.py"
CLEAN = {"name": "aiohttp", "version": "3", "vulns": []}
HIT = {"name": "yarl", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}
SKIPPED = {"name": "faust-streaming", "skip_reason": "not found"}


def audit() -> Any:
    spec = importlib.util.spec_from_file_location("audit_script", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([CLEAN, CLEAN], 0, "2 packages: no vulnerability is known"),
        ([CLEAN, HIT], 1, "yarl 1: CVE-1, mended in 2"),
        ([CLEAN, SKIPPED], 3, "not audited: 1 of 2 packages"),
        ([SKIPPED, HIT], 1, "not audited: 1 of 2 packages"),
        ([], 3, ""),
    ],
)
def test_the_exit_code_says_what_is_known(
    packages: list[dict[str, Any]], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit().verdict(packages) == code
    assert said in capsys.readouterr().out
