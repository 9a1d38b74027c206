"""docs/import.md names what the code knows."""

from pathlib import Path

import pytest

from contract.book import Partner
from contract.container import NumberFlag
from contract.move_class import UncountedCause
from producers.csv import moves
from producers.importing.dedup import DedupOutcome
from producers.importing.run import READERS
from producers.reading.outcome import Skip

PAGE = (Path(__file__).parents[4] / "docs" / "import.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "word",
    [
        *map(str, READERS),
        *map(str, Skip),
        *map(str, UncountedCause),
        *map(str, NumberFlag),
        DedupOutcome.REPEAT.value,
        DedupOutcome.OUTDATED.value,
        *moves.COLUMNS,
    ],
)
def test_the_page_names(word: str) -> None:
    assert f"`{word}`" in PAGE


@pytest.mark.parametrize("field", Partner.__struct_fields__)
def test_the_page_shows_a_profile_with_each_of_its_fields(field: str) -> None:
    assert f"\n{field} = " in PAGE
