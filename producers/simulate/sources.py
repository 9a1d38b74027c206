"""The type of a source of simulated events: it yields each event with the moment to send it."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from contract.book import Book
from contract.events import RawEvent


class TimedEvent(NamedTuple):
    """An event and the moment to send it: its recordedtime, or later when it is sent again."""

    at: datetime
    event: RawEvent


Source = Callable[[Book, date, date], Iterator[TimedEvent]]
"""(book, first day, last day) -> the events of those days in the port's time zone, in order."""
