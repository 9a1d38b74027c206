"""What a refusal says: what is booked, what came, and what to do."""

from ledger.equipment import UNKNOWN_SIZE
from ledger.facts import BOX_BITS, CLASSES, FINAL, RETRACTED, FactRow
from ledger.journal import LedgerPlace
from ledger.zone_time import day_of, utc


def booked_otherwise(
    came: FactRow, stands: FactRow | None, number: str, places: tuple[LedgerPlace, ...]
) -> str:
    """Of a conflict: both contents, or the container that came under the id of another."""
    if stands is not None and came.rest >> BOX_BITS != stands.rest >> BOX_BITS:
        return "$.id: its hash is that of another event's id; send it under another id"
    if stands is not None and not came.is_of(stands):
        return (
            f"$.id: the same source and id is booked for another container than {number[:40]!r}, "
            f"as {told(stands, places)}; an id names one move of one container for ever: send "
            "this move under an id of its own"
        )
    booked = "nothing" if stands is None else told(stands, places)
    return (
        f"$.id: the same source and id is booked as {booked}; came as {told(came, places)}; "
        "an amendment needs a newer recordedtime, another move another id"
    )


def closed_since(
    came: FactRow, stands: FactRow | None, first_open: int, places: tuple[LedgerPlace, ...]
) -> str:
    """Of an event too old: what it says, what it would correct, since when the books are open."""
    instead = "" if stands is None else f" in place of {told(stands, places)}"
    return (
        f"$.time: the books are open since {day_of(first_open)} (quaymark.toml: port.open_days), "
        f"too late for {told(came, places)}{instead}"
    )


def no_size() -> str:
    """Of a move over the quay without a known size."""
    return (
        "$.data.ISOEquipmentCode: no known size; the move counts, its TEU does not "
        "until an amendment gives the size"
    )


def told(row: FactRow, places: tuple[LedgerPlace, ...]) -> str:
    """A fact in words."""
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
    place = places[row.place]
    teu = "" if row.hundredths == UNKNOWN_SIZE else f" ({row.hundredths / 100:.2f} TEU)"
    return (
        f"{move} {kind}, {fill.value if fill else 'fill unknown'}, {size} ft{teu} at "
        f"{place.area}/{place.terminal}, {when}, {recorded} (offset {row.offset})"
    )
