"""Which of two snapshots with one key is the newer."""

import pytest
from msgspec.structs import replace

from contract.snapshots import ProjectCard, keep_newest, supersedes

CARD = ProjectCard("haimen", "cruise-ship", 0, 7, title="as first signed")


def test_the_first_snapshot_of_a_key_is_kept() -> None:
    held: dict[str, ProjectCard] = {}

    assert keep_newest(held, "cruise-ship", CARD)
    assert held == {"cruise-ship": CARD}


# the held one has offset 7: only a greater offset takes its place
@pytest.mark.parametrize(("offset", "takes_its_place"), [(6, False), (7, False), (8, True)])
def test_the_greater_offset_takes_the_place_of_the_smaller(
    offset: int, takes_its_place: bool
) -> None:
    held, came = {"cruise-ship": CARD}, replace(CARD, offset=offset, title="renamed")

    assert supersedes(came, CARD) is takes_its_place
    assert keep_newest(held, "cruise-ship", came) is takes_its_place
    assert held["cruise-ship"].title == ("renamed" if takes_its_place else "as first signed")
