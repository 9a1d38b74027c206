"""A register is read as one catalog lists it, though another process replaces its files."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from contract.errors import StackError
from register.files import connected
from register.reading import ATTEMPTS, RegisterReading
from register.store import RegisterStore
from tests.unit.ledger.records import BOOK, moved, retracted, topic


def test_files_that_were_replaced_meanwhile_are_read_as_they_are_now(tmp_path: Path) -> None:
    RegisterStore(tmp_path, BOOK).add({0: topic([moved("a"), moved("b", size="45G1")])})
    reading = RegisterReading(tmp_path)
    # b, 2.00 TEU, is retracted, so its file is replaced; of a and c, 1.00 TEU each, two remain
    RegisterStore(tmp_path, BOOK).add({0: topic([retracted("b"), moved("c")], first=2)})

    def teu() -> Decimal:
        counting = "state = 'counted' AND known_to IS NULL"
        asked = f"SELECT sum(teu) FROM {reading.versions} WHERE {counting}"
        [(found,)] = connected().execute(asked).fetchall()
        return Decimal(found)

    with pytest.raises(duckdb.IOException):
        teu()
    assert reading.of_one_catalog(teu) == Decimal("2.00")


def test_files_that_change_with_each_reading_are_given_up(tmp_path: Path) -> None:
    asked = 0

    def ask() -> None:
        nonlocal asked
        RegisterStore(tmp_path, BOOK).add({0: topic([moved(f"m{asked}")], first=asked)})
        asked += 1
        raise duckdb.IOException("no such file")

    reading = RegisterReading(tmp_path)
    with pytest.raises(StackError, match="change faster than they can be read; ask again later"):
        reading.of_one_catalog(ask)
    assert asked == ATTEMPTS
