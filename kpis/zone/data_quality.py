"""Projects that the books doubt: reported before they were registered, or under two names."""

from datetime import datetime

from kpis.zone.portfolio import Portfolio


def orphans(zone: Portfolio, at: datetime) -> float:
    """Projects that something was reported of, but that nobody has registered.

    They are in no other figure; the registration, whenever it comes, joins what was reported.
    """
    return float(sum(card.signed is None for card in zone.cards))


def renamed(zone: Portfolio, at: datetime) -> float:
    """Projects whose id was registered under another name, too.

    A new owner, or another project under an id that is taken: then its amount is missing.
    """
    return float(sum(bool(card.others) for card in zone.cards))
