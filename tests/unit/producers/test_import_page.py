"""docs/import.md names what the code knows."""

from pathlib import Path

import pytest

from contract.book import Partner
from contract.container import NumberFlag
from producers import moves_csv
from producers.importing import READERS
from producers.outcome import Skip
from producers.standing import Fate
from producers.verdict import Uncounted

PAGE = (Path(__file__).parents[3] / "docs" / "import.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "word",
    [
        *map(str, READERS),
        *map(str, Skip),
        *map(str, Uncounted),
        *map(str, NumberFlag),
        Fate.REPEAT.value,
        Fate.OUTDATED.value,
        *moves_csv.COLUMNS,
    ],
)
def test_the_page_names(word: str) -> None:
    assert f"`{word}`" in PAGE


@pytest.mark.parametrize("field", Partner.__struct_fields__)
def test_the_page_shows_a_profile_with_each_of_its_fields(field: str) -> None:
    assert f"\n{field} = " in PAGE
