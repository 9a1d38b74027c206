"""What the changelog stores stays readable."""

from contract.events import Fill
from ledger.facts import CLASS_CODE, CLASSES


def test_class_codes_are_those_of_the_changelogs_that_exist() -> None:
    # four lists, the last running fastest: 4 moves of 3 kinds of 3 fills of 7 size bands, so a
    # move is worth 63, a kind 21, a fill 7
    assert len(CLASSES) == 252
    assert CLASS_CODE["LOAD", "normal", Fill.EMPTY, "10"] == 0
    assert CLASS_CODE["DISC", "transhipment", Fill.LADEN, "40"] == 63 + 21 + 7 + 3
    assert CLASS_CODE["GTOT", "restow", None, "unknown"] == 3 * 63 + 2 * 21 + 2 * 7 + 6
