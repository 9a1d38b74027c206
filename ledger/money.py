"""Committed amounts in whole yuan."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from contract.book import Book
from contract.errors import Reason, Rejected
from contract.events import LARGEST, Money

YUAN = "CNY"


def yuan_of(money: Money, on: date, book: Book, where: str) -> int:
    """Return an amount in whole yuan, halves rounded up.

    yuan = amount * rate; the rate is that of the event, or else the book's newest one in force on
    the day `on`.

    Raises:
        Rejected: the currency is foreign and has no rate, or the amount is impossibly large.
    """
    if money.currency == YUAN:
        return _whole(money.amount, where)
    if money.rate is not None:
        return _whole(money.amount * money.rate, where)
    in_force = [
        (rate.since, rate.rate)
        for rate in book.rate
        if rate.currency == money.currency and rate.since <= on.isoformat()
    ]
    if not in_force:
        raise Rejected(
            Reason.UNKNOWN_CURRENCY,
            f"no rate of {money.currency} for {on}: send value.rate (CNY for one "
            f"{money.currency}) with the event, or add a [[rate]] to quaymark.toml",
            where=where,
        )
    return _whole(money.amount * Decimal(str(max(in_force)[1])), where)


def _whole(amount: Decimal, where: str) -> int:
    if amount >= LARGEST:
        raise Rejected(
            Reason.BAD_VALUE,
            f"{amount:.3e} yuan is more than any project has: give the amount in whole units, "
            "and the rate as CNY for one unit",
            where=where,
        )
    return int(amount.to_integral_value(ROUND_HALF_UP))
