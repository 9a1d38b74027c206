"""The simulator sends nothing into the books of a real port, whatever its options."""

import msgspec
import pytest

from contract.book import Book
from contract.errors import Misconfigured
from contract.settings import Settings
from producers.simulate.other_sources import refuse_real_port
from tests.unit.producers.imported import BOOK

REAL = msgspec.structs.replace(BOOK, port=msgspec.structs.replace(BOOK.port, simulated=False))


def test_the_live_books_of_a_real_port_are_refused() -> None:
    with pytest.raises(Misconfigured, match="simulated = false"):
        refuse_real_port(Settings(), REAL)


@pytest.mark.parametrize(("settings", "book"), [(Settings(run="try"), REAL), (Settings(), BOOK)])
def test_a_run_may_be_simulated_and_so_may_a_port_that_is_not_said_to_be_real(
    settings: Settings, book: Book
) -> None:
    refuse_real_port(settings, book)
