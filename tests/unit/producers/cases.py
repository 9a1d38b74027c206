"""Small inputs in tests/fixtures/cases, imported by the book that lies beside them."""

from typing import Any

from contract.book import read_book
from producers.reading.outcome import Form, ReadingTerms
from tests.unit.producers.imported import FIXTURES, Imported, imported

CASES = FIXTURES / "cases"
BOOK = read_book((CASES / "book.toml").read_text(encoding="utf-8"), "book.toml")


def case(
    *names: str, partner: str | None = None, form: Form | None = None, **said: Any
) -> Imported:
    """Files of the folder, imported together and in this order as of 25 November 2026."""
    found = next((one for one in BOOK.partner if one.name == partner), None)
    terms = ReadingTerms(book=BOOK, partner=found, **said)
    return imported([CASES / name for name in names], terms, form=form, book=BOOK)
