"""Which partner of the book a record is from, by its source or by the place of its file."""

from pathlib import PurePath

from contract.book import Book, Partner


def areas_by_partner(book: Book) -> dict[str, frozenset[str]]:
    """Return partner -> the port areas whose terminals its profile names; all, if it names none.

    A record of a partner that names no terminal of the port may be meant for any of these.
    """
    every = frozenset(area.code for area in book.area)

    def of(partner: Partner) -> frozenset[str]:
        terminals = (*partner.terminals.values(), partner.terminal)
        return frozenset(book.area_of[one] for one in terminals if one in book.area_of) or every

    return {partner.name: of(partner) for partner in book.partner}


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
