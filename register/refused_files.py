"""Records of files that were refused before they reached the raw topic, as rows."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa

from contract.errors import Rejected
from contract.record import Record
from contract.snapshots import IN_A_FILE, DeadLetter
from contract.topics import REJECTED
from contract.wire import LATEST_MS, decode_dead_letter
from register.columns import State
from register.described import MOST_ATTEMPTS
from register.partners import PartnerNames
from register.rows import versions

_NUMBER = re.compile(rb"(?<![A-Z0-9])[A-Z]{3}[UJZ]\d{7}(?![A-Z0-9])")  # ISO 6346


def refused_in_files(
    records: Sequence[Record], partners: PartnerNames, zone: ZoneInfo
) -> pa.Table:
    """Return a row for each dead letter of port.rejected whose record stood in a file.

    Those of raw topics are left out: their records are rows already.  What was not read has no
    event time, so its day is that on which it was refused.
    """
    found = [
        (record, letter)
        for record in records
        if (letter := _dead_letter(record)) is not None and letter.topic == IN_A_FILE
    ]
    places = [letter.origin.rpartition(": ") for _, letter in found]
    came_at = [min(max(record.timestamp, 0), LATEST_MS) for record, _ in found]
    days = [datetime.fromtimestamp(at / 1000, UTC).astimezone(zone).date() for at in came_at]
    size = len(found)
    return versions(
        size,
        {
            "area": [""] * size,
            "terminal": [""] * size,
            "business_day": days,
            "known_from": came_at,
            "container": [_container(letter.value or b"") for _, letter in found],
            "teu": [0] * size,
            "moves": [0] * size,
            "state": [State.REFUSED.value] * size,
            "reason": [letter.reason for _, letter in found],
            "error": [letter.error for _, letter in found],
            "attempt": [min(letter.attempts, MOST_ATTEMPTS) for _, letter in found],
            "partner": [partners.of_file(file) for file, _, _ in places],
            "file": [file for file, _, _ in places],
            "line": [line for _, _, line in places],
            "topic": [REJECTED.name] * size,
            "partition": [0] * size,
            "offset": [record.offset for record, _ in found],
        },
    )


def _container(original: bytes) -> str | None:
    """Return the container number in a record of a file, if there is one only."""
    numbers = set(_NUMBER.findall(original.upper()))
    return numbers.pop().decode() if len(numbers) == 1 else None


def _dead_letter(record: Record) -> DeadLetter | None:
    try:
        return decode_dead_letter(record.value or b"")
    except Rejected:
        return None
