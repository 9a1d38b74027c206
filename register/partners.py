"""Which partner of the book a record is from, by its source or by the place of its file."""

from pathlib import PurePath

from contract.book import Book


class PartnerNames:
    """The partners of a book, by their names and by their names as senders."""

    def __init__(self, book: Book) -> None:
        self._names = {sender: one.name for one in book.partner for sender in one.senders}
        self._names |= {one.name: one.name for one in book.partner}

    def of_source(self, source: str | None) -> str | None:
        """Return the partner whom a CloudEvents source names, such as /csv/west; None if none."""
        return self._names.get((source or "").rpartition("/")[2])

    def of_file(self, file: str) -> str | None:
        """Return the partner in whose folder of the inbox a file lies; None if there is none."""
        return next(filter(None, map(self._names.get, PurePath(file).parts)), None)
