"""The messages of rejected facts: what is booked, what arrived, and what to do."""

from ledger.equipment import UNKNOWN_SIZE
from ledger.facts import BOX_BITS, CLASSES, FINAL, RETRACTED, FactRow
from ledger.journal import BookedTerminal
from ledger.zone_time import day_of, utc


def conflict_text(
    new: FactRow, held: FactRow | None, number: str, terminals: tuple[BookedTerminal, ...]
) -> str:
    """Return the message of a conflict; `number` is the container number of the new record."""
    if held is not None and new.rest >> BOX_BITS != held.rest >> BOX_BITS:
        return "$.id: its hash is that of another event's id; send it under another id"
    if held is not None and not new.is_of(held):
        return (
            f"$.id: the same source and id is booked for another container than {number[:40]!r}, "
            f"as {fact_text(held, terminals)}; an id names one move of one container for ever: "
            "send this move under an id of its own"
        )
    booked = "nothing" if held is None else fact_text(held, terminals)
    return (
        f"$.id: the same source and id is booked as {booked}; came as "
        f"{fact_text(new, terminals)}; an amendment needs a newer recordedtime, another move "
        "another id"
    )


def too_old_text(
    new: FactRow, held: FactRow | None, first_open: int, terminals: tuple[BookedTerminal, ...]
) -> str:
    """Return the message of an event on a closed day, and what it would have corrected."""
    instead = "" if held is None else f" in place of {fact_text(held, terminals)}"
    return (
        f"$.time: the books are open since {day_of(first_open)} (quaymark.toml: port.open_days), "
        f"too late for {fact_text(new, terminals)}{instead}"
    )


def unknown_size_text() -> str:
    """Return the message of a move over the quay without a known size."""
    return (
        "$.data.ISOEquipmentCode: no size known to ISO 6346; the move counts, its TEU does not "
        "until an amendment gives the size"
    )


def fact_text(row: FactRow, terminals: tuple[BookedTerminal, ...]) -> str:
    """Return a fact in words."""
    made = utc(row.recorded / 1000)
    recorded = (
        "for good"
        if row.recorded == FINAL
        else f"recorded {made.isoformat(timespec='milliseconds')}"
    )
    if row.kind == RETRACTED:
        return f"retracted {recorded} (offset {row.offset})"
    when = f"{day_of(row.day)} {row.minute // 60:02}:{row.minute % 60:02}"
    if not row.counted:
        return f"an uncounted move of {when}, {recorded} (offset {row.offset})"
    move, kind, fill, size = CLASSES[row.kind]
    booked = terminals[row.terminal]
    teu = "" if row.hundredths == UNKNOWN_SIZE else f" ({row.hundredths / 100:.2f} TEU)"
    return (
        f"{move} {kind}, {fill.value if fill else 'fill unknown'}, {size} ft{teu} at "
        f"{booked.area}/{booked.terminal}, {when}, {recorded} (offset {row.offset})"
    )
