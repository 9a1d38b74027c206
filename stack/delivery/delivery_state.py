"""The state of each delivery: a file for each report, receiver and way, written whole.

`due` → `sending` → `sent`.  A kill in `sending` is found at the next start: an e-mail goes again
with the same Message-ID; a robot can't tell whether its group has the message, which is `unknown`.
"""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

FOLDER = ".delivery"
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
"""The pauses after failed attempts; the last one is repeated."""
GIVEN_UP = timedelta(hours=24)


class DeliveryStep(StrEnum):
    """How far a delivery is."""

    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    NAMED = "named"
    """Left out, since a later report of its kind named it."""


class ReportDelivery(Struct, frozen=True):
    """One report to one receiver by one way, such as `email-1`."""

    number: str
    receiver: str
    way: str
    step: DeliveryStep
    since: datetime
    next_at: datetime
    attempts: int = 0
    error: str = ""
    left: tuple[str, ...] = ()
    """The addresses of an e-mail that are still to get it; () for all of them."""
    refused: tuple[str, ...] = ()
    """The addresses that the server refused for good, with what it said."""

    def failed(self, now: datetime, error: str, *, for_good: bool = False) -> "ReportDelivery":
        """Return the delivery after an attempt failed: due again after a pause, or given up."""
        pause = PAUSES[min(self.attempts, len(PAUSES) - 1)]
        over = for_good or now + pause > self.since + GIVEN_UP
        return replace(
            self,
            step=DeliveryStep.FAILED if over else DeliveryStep.DUE,
            attempts=self.attempts + 1,
            next_at=now + pause,
            error=error,
        )

    @property
    def is_open(self) -> bool:
        """Whether a person may have to look: it is not sent, nor named by a later one."""
        return self.step not in (DeliveryStep.SENT, DeliveryStep.NAMED) or bool(self.refused)


_decode = msgspec.json.Decoder(ReportDelivery).decode


class DeliveryStore:
    """The states below the folder of issued reports."""

    def __init__(self, reports: Path) -> None:
        self.root = reports / FOLDER

    def all(self) -> Iterator[ReportDelivery]:
        """Iterate over all deliveries; a file that can't be read is none."""
        for path in sorted(self.root.glob("*/*.json")):
            try:
                yield _decode(path.read_bytes())
            except (OSError, msgspec.MsgspecError):
                continue

    def held(self, number: str, receiver: str, way: str) -> ReportDelivery | None:
        """Return the state of a delivery; None if there is none."""
        try:
            return _decode(self._path(number, receiver, way).read_bytes())
        except (OSError, msgspec.MsgspecError):
            return None

    def put(self, one: ReportDelivery) -> None:
        """Write a state whole, and bring it to disk.

        Raises:
            OSError: the disk is full, or the folder can't be written.
        """
        path = self._path(one.number, one.receiver, one.way)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            file.write(msgspec.json.encode(one))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        number = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(number)
        finally:
            os.close(number)

    def _path(self, number: str, receiver: str, way: str) -> Path:
        return self.root / number.replace("/", "-") / f"{receiver}.{way}.json"
