"""The counts of an import as bytes, so that another process goes on counting from them."""

from typing import Any

import msgspec

from producers.importing.run import Import
from producers.importing.tally import Finding

OF_TALLY = (
    "files",
    "messages",
    "counted",
    "flagged_records",
    "amended",
    "retracted",
    "warnings",
    "moves",
    "items_left_out",
)
COUNTERS = ("flagged", "uncounted", "rejected", "skipped", "events", "hundredths")
OF_RUN = ("sent", "unusable")


def noted(run: Import) -> bytes:
    """Return the counts of an import."""
    tally = run.tally
    return msgspec.msgpack.encode(
        {
            **{name: getattr(tally, name) for name in OF_TALLY},
            **{name: list(getattr(tally, name).items()) for name in COUNTERS},
            **{name: getattr(run, name) for name in OF_RUN},
            "items": tally.items,
        }
    )


def go_on_from(run: Import, note: bytes) -> None:
    """Let an import count on from what was noted of an earlier process."""
    found: dict[str, Any] = msgspec.msgpack.decode(note)
    for name in OF_TALLY:
        setattr(run.tally, name, found[name])
    for name in COUNTERS:
        getattr(run.tally, name).update(dict(found[name]))
    for name in OF_RUN:
        setattr(run, name, found[name])
    run.tally.items = msgspec.convert(found["items"], list[Finding])
