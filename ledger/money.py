"""Committed amounts in whole yuan."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from contract.book import Book
from contract.errors import Reason, Rejected
from contract.events import MOST, Money

YUAN = "CNY"


def yuan_of(money: Money, on: date, book: Book, where: str) -> int:
    """An amount in whole yuan, halves up.

    yuan = amount * rate; the rate is the event's own, else the book's newest that was in force
    `on` that day.

    Raises:
        Rejected: a foreign currency without a rate, or more than any amount is.
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
    if amount >= MOST:
        raise Rejected(
            Reason.BAD_VALUE,
            f"{amount:.3e} yuan is more than any project has; is the amount in whole units, and "
            "the rate CNY for one of them?",
            where=where,
        )
    return int(amount.to_integral_value(ROUND_HALF_UP))
