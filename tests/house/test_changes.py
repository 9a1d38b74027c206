"""changes.toml has an entry for each Changed line of CHANGELOG.md, release by release."""

import re
from pathlib import Path

import pytest

from contract.settings import PREFIX, Settings
from kpis.catalogue import CATALOGUE
from stack.upgrade.change_list import ChangeKind, own_changes

ROOT = Path(__file__).parents[2]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
RELEASES = re.findall(r"^## \[([^\]]+)\].*?\n(.*?)(?=^## \[|\Z)", CHANGELOG, re.M | re.S)


def changed(text: str) -> list[str]:
    """Return the entries under Changed, each without its bullet and joined to one line."""
    sections = re.findall(r"^### Changed\n(.*?)(?=^### |\Z)", text, re.M | re.S)
    bullets = [one for section in sections for one in re.split(r"^- ", section, flags=re.M)]
    return [" ".join(one.split()) for one in bullets if one.strip()]


def test_each_version_of_the_changelog_has_its_entry() -> None:
    assert [version for version, _ in RELEASES] == [one.version for one in own_changes().release]


@pytest.mark.parametrize(("version", "text"), RELEASES, ids=[version for version, _ in RELEASES])
def test_each_changed_line_of_the_changelog_has_its_entry_and_no_other(
    version: str, text: str
) -> None:
    [release] = [one for one in own_changes().release if one.version == version]
    lines, known = changed(text), [one.changelog for one in release.change]

    missing = [line for line in lines if not any(line.startswith(one) for one in known)]
    assert missing == [], "add an entry to changes.toml for each of these lines of CHANGELOG.md"
    gone = [one for one in known if not any(line.startswith(one) for line in lines)]
    assert gone == [], "these entries of changes.toml have no line in CHANGELOG.md"


def test_old_names_are_gone_from_the_code() -> None:
    settings = {PREFIX + name.upper() for name in Settings.__struct_fields__}
    series = {kpi.series for family in CATALOGUE for kpi in family.kpis}
    for _, change in own_changes():
        left = series if change.kind is ChangeKind.SERIES else settings
        assert set(change.names).isdisjoint(left), change.id
