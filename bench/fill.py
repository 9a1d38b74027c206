"""This module fills the moves topic with the simulated port's last year, as its producer does."""

import asyncio
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

from contract.book import Book
from contract.events import RawEvent
from contract.settings import Settings
from producers.publish.sender import Sender
from producers.simulate.simulated_port import simulate

FEWEST_A_DAY = 2000  # records that the simulated port sends on its quietest day (Spring Festival)
SPARE_DAYS = 7  # records arrive up to six days late, and closed books refuse them


def fill(bootstrap: str, book: Book, events: int, today: date) -> None:
    """Send `events` records of the days up to yesterday; fewer if the open days have no more."""
    asyncio.run(_fill(bootstrap, moves(book, events, today)))


def moves(book: Book, events: int, today: date) -> Iterator[RawEvent]:
    """Return at most `events` events of the simulated port, from open days up to yesterday."""
    days = min(events // FEWEST_A_DAY + 1, book.port.open_days - SPARE_DAYS)
    sent = simulate(book, today - timedelta(days), today - timedelta(1))
    return (due.event for due in islice(sent, events))


async def _fill(bootstrap: str, moves: Iterator[RawEvent]) -> None:
    async with Sender(Settings(kafka=bootstrap), "bench") as sender:
        await sender.send_many(moves)
