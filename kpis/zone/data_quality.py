"""Projects with doubtful data: reported before they are registered, or under two names."""

from datetime import datetime

from kpis.zone.portfolio import Portfolio


def orphans(zone: Portfolio, at: datetime) -> float:
    """Projects with reports that are not registered.

    They are in no other figure.  The registration, once it arrives, is joined with the reports.
    """
    return float(sum(card.signed is None for card in zone.cards))


def renamed(zone: Portfolio, at: datetime) -> float:
    """Projects whose id was also registered under another name.

    Either the owner changed, or the id was in use and the amount of the second project is missing.
    """
    return float(sum(bool(card.others) for card in zone.cards))
