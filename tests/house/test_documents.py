"""The documents name every setting, alert and reason, and nothing that does not exist."""

import re
import subprocess
from pathlib import Path

import pytest

from contract.errors import Reason
from contract.settings import PREFIX, Settings
from dashboards.grafana.layout import BOARDS
from rules.alerts import ALERTS
from stack.verbs import VERBS, verb
from tests.house.module_table import table, written

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "tests/README.md"])
HEADINGS = re.findall(r"^#+ (.+)$", RUNBOOK, re.MULTILINE)

each_page = pytest.mark.parametrize(
    "page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES]
)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_heading_in_the_runbook(reason: Reason) -> None:
    assert HEADINGS.count(reason.value) == 1


@pytest.mark.parametrize("name", sorted({alert.name for alert in ALERTS}))
def test_every_alert_has_its_heading_in_the_runbook(name: str) -> None:
    assert HEADINGS.count(name) == 1


@pytest.mark.parametrize("board", sorted({alert.board for alert in ALERTS}))
def test_every_alert_leads_to_a_board_that_exists(board: str) -> None:
    assert board in BOARDS


def test_every_setting_is_documented_with_its_default_and_no_other() -> None:
    documented = dict(re.findall(r"^\| `(QUAYMARK_\w+)` \| `([^`]*)` \|", SETTINGS, re.MULTILINE))
    real = {
        PREFIX + name.upper(): str(getattr(Settings(), name))
        for name in Settings.__struct_fields__
    }

    assert documented == real


@each_page
def test_settings_and_commands_that_a_page_names_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    settings = {PREFIX + name.upper() for name in Settings.__struct_fields__}
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"\bQUAYMARK_[A-Z_]*[A-Z]\b", text)) <= settings
    assert set(re.findall(r"`quaymark ([a-z]+)", text)) <= set(VERBS)
    assert set(re.findall(r"`make ([a-z]+)", text)) <= targets


@each_page
def test_tests_that_a_page_names_exist(page: Path) -> None:
    text, file = page.read_text(encoding="utf-8"), ""
    for named, test in re.findall(r"`(tests/[\w/]+\.py)?::(\w+)`", text):
        file = named or file
        assert f"\ndef {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{test}"


@each_page
def test_links_inside_the_project_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_files_that_the_newcomers_pages_name_exist() -> None:
    """The table "to change X, open Y" leads to a file for each of at least 25 changes."""
    architecture = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    table = architecture.split("## To change X, open Y")[1].split("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    pages = [ROOT / "docs/architecture.md", ROOT / "docs/glossary.md", ROOT / "docs/style.md"]

    assert len(rows) >= 25
    assert [row for row in rows if not re.search(r"`[\w./-]+/[\w./-]*`", row)] == []
    for page in [*pages, *ROOT.glob("docs/decisions/*.md")]:
        for name in re.findall(r"`([\w-]+/[\w./-]*)`", page.read_text(encoding="utf-8")):
            assert (ROOT / name).exists(), f"{page.name} names {name}"


def test_the_table_of_modules_says_what_their_docstrings_say() -> None:
    assert written() == table(), "run `python -m tests.house.module_table`"


def test_every_command_has_help_and_an_example() -> None:
    for name in VERBS:
        command = verb(name)
        assert command is not None
        assert command.name == name
        assert "Example: " in (command.help or ""), name
        assert f"quaymark {name}" in (command.help or ""), name


def _committed() -> list[Path]:
    """Return the files that git tracks, or all files except hidden ones where git is absent."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0:
        return [ROOT / name for name in filter(None, listed.stdout.split("\0"))]
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
    return [ROOT / path for path in found if not any(part[0] == "." for part in path.parts)]


def test_no_committed_file_names_a_registry_or_a_path_of_one_machine() -> None:
    words = (
        "pythonhosted" + ".org",
        "pypi" + ".org/simple",
        "repo1" + ".maven",
        "registry" + ".npmjs",
        "-registry" + ".com",
        "/home/" + "runner",
    )
    for path in _committed():
        if path.is_file() and path.stat().st_size < 2_000_000:
            text = path.read_text(encoding="utf-8", errors="ignore")
            assert [word for word in words if word in text] == [], path
