import pytest

from contract.errors import Misconfigured
from stack.upgrade.change_list import ChangeKind, own_changes, read_changes

ONE = """
[[release]]
version = "0.2.0"
[[release.change]]
id = "teu-renamed"
kind = "series"
names = ["port_teu"]
changelog = "`port_teu` is"
what = "It has another name."
do = "Rename it."
"""


def test_changes_are_read_with_their_release() -> None:
    [(release, change)] = read_changes(ONE, "changes.toml")

    assert release.version == "0.2.0"
    assert (change.kind, change.names) == (ChangeKind.SERIES, ("port_teu",))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('names = ["port_teu"]', "", "have their old names|has their old names"),
        ('"series"', '"formula"', "old names"),
        ('"series"', '"serie"', "serie"),
        ('id = "teu-renamed"', 'id = "TEU renamed"', "id"),
        ("what =", "waht =", "waht"),
        ("[[release]]", "[[relase]]", "relase|release"),
    ],
)
def test_a_mistake_in_the_file_is_named(old: str, new: str, said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        read_changes(ONE.replace(old, new), "changes.toml")


def test_an_id_is_never_used_twice() -> None:
    again = ONE.split("\n[[release.change]]")[1]
    with pytest.raises(Misconfigured, match="teu-renamed is there twice"):
        read_changes(ONE + "[[release.change]]" + again, "changes.toml")


def test_the_release_that_runs_brings_its_changes() -> None:
    assert "ledger-changelog-2" in own_changes().ids
