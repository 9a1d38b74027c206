"""The headings of a table that no column of moves has, each with the known one that is nearest."""

from difflib import get_close_matches

from contract.book import Partner
from producers.csv import moves
from producers.csv.table import Header, columns
from producers.reading.outcome import excerpt

ALIKE = 0.5  # share of equal characters: one of the two of most Chinese headings
MOST = 8  # headings that a message names
LONGEST = 40  # characters of a heading; a longer one is a sentence, so the row is text


def unknown_headings(header: Header, partner: Partner | None) -> str:
    """Return the unknown headings, the nearest known ones, and what moves need beside them.

    It is "" if nothing lacks or the table holds no moves; it does if two of its headings are, or
    are like, those of moves.
    """
    known = moves.known_columns(partner)
    taken = columns(header, known)
    words = {
        word.casefold(): name
        for name, others in known.items()
        if name not in taken
        for word in (name, *others)
    }
    nearest = {
        heading: get_close_matches(heading.casefold(), words, 1, ALIKE)
        for heading in header
        if heading and heading not in taken.values()
    }
    alike = len(taken) + sum(map(bool, nearest.values()))
    missing = [name for name in moves.NEEDED if name not in taken]
    if alike < 2 or not (nearest or missing) or max(map(len, header)) > LONGEST:
        return ""
    if not nearest:
        return f"if these are moves: moves need {', '.join(missing)} in a column of that name"
    said = [
        excerpt(heading) + (f" (nearest: {near[0]}, which is {words[near[0]]})" if near else "")
        for heading, near in nearest.items()
    ]
    lacking = f"moves need {', '.join(missing)}; " if missing else ""
    return (
        f"if these are moves: {lacking}unknown headings are "
        f"{', '.join(said[:MOST])}; rename them, or map them in the partner's columns in "
        "quaymark.toml"
    )
