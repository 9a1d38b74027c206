"""Messages of findings that concern several records: conflicts, missing originals."""

from contract.events import ContainerMoved, RawEvent
from producers.importing.report_index import Correction
from producers.reading.outcome import excerpt


def container_of(event: RawEvent) -> str:
    """Return the container number of a move as the worker compares it, "" if there is none."""
    number = event.data.equipmentReference if isinstance(event, ContainerMoved) else None
    if not number or (number.isalnum() and number.isupper()):
        return number or ""
    return "".join(number.replace("-", " ").split()).upper()


def conflict_message(event: RawEvent, *, other_container: bool) -> str:
    """Return why a record of a known event can't stand."""
    if other_container:
        return (
            f"event {excerpt(event.id)} was read before for another container than "
            f"{excerpt(container_of(event))}; give each move an id of its own, or none"
        )
    return (
        f"event {excerpt(event.id)} was read before with other content and the same recordedtime; "
        "a correction needs a newer one"
    )


def too_old_message(event: RawEvent, open_days: int, *, as_recorded: bool) -> str:
    """Return why the books of a move's day are closed for it, and what to do."""
    if as_recorded:
        return (
            f"{event.time.isoformat()} is more than {open_days} days before it was recorded "
            f"({event.recordedtime.isoformat()}), so those books are closed; if that is only when "
            "its file was copied, copy it with its time (cp -p), or add a column `recorded`"
        )
    return (
        f"{event.time.isoformat()} is more than {open_days} days ago and those books are closed; "
        "import past years with --history, or raise port.open_days in quaymark.toml"
    )


def no_original_message(correction: Correction, *, books_searched: bool) -> str:
    """Return what a correction refers to, where that was looked for, and what becomes of it."""
    event = correction.event
    what = f"event {excerpt(correction.ids[0])}"
    if isinstance(event, ContainerMoved):
        what = f"{event.data.equipmentEventTypeCode} of {container_of(event) or 'a container'}"
    where = "these files hold no report of it"
    if books_searched:
        where = "neither these files nor the books hold a report of it"
    if not correction.cancels:
        return f"corrects the {what}; {where}, so it counts as a move of its own"
    if books_searched:
        return f"cancels the {what}; {where}, so nothing is taken back"
    return f"cancels the {what}; {where}; it takes back what the books hold, if anything"
