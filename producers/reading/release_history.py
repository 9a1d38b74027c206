"""OCDS releases of one import by their process, so that a later release completes an earlier one.

A release says what changed: what it leaves out stands, what it says replaces, a null removes.
Source: OCDS, merging (objects field by field, lists of objects by `id`, other lists as a whole).
"""

import sqlite3
import weakref
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

KEPT = ("ocid", "date", "tag", "planning", "tender", "awards", "contracts")
"""Fields of a release that are read; the others are not remembered."""
DATED_TAGS = ("contract", "award")

_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(float_hook=Decimal).decode  # amounts remain exact


class PlacedRelease(NamedTuple):
    """A release, its place in the file, its bytes there, and as earlier ones complete it."""

    at: str
    raw: bytes
    release: dict[str, Any]
    merged: dict[str, Any]


class ReleaseHistory:
    """The releases of an import, in a temporary database, so that memory does not grow."""

    def __init__(self, database: sqlite3.Connection | None = None) -> None:
        """Remember in a scratch database, or in one that a later process goes on with."""
        self._file = database
        if database is not None:
            for line in _TABLES:
                database.execute(line)

    def begin(self) -> None:
        """Begin with a file."""
        if self._file is None:
            self._file = sqlite3.connect("", isolation_level=None)  # "" is an unnamed file
            weakref.finalize(self, self._file.close)
            for line in (*_SCRATCH, *_TABLES, "BEGIN"):
                self._file.execute(line)
        self._file.execute("UPDATE releases SET raw = NULL")

    def keep(self, at: str, raw: bytes, release: dict[str, Any], seconds: float) -> None:
        """Remember a release of the file; `seconds` since 1970 are its date."""
        assert self._file is not None
        kept = {name: release[name] for name in KEPT if name in release}
        tags = release.get("tag")
        for tag in DATED_TAGS:
            if isinstance(tags, list) and tag in (str(one).casefold() for one in tags):
                kept[f"{tag}_date"] = release.get("date")
        row = (str(release["ocid"]), seconds, at, raw, _encode(kept))
        self._file.execute("INSERT INTO releases VALUES (NULL, ?, ?, ?, ?, ?)", row)

    def merged(self) -> Iterator[PlacedRelease]:
        """Yield the releases of the file, each completed by all earlier ones of its process.

        Processes come in the order of the file, the releases of a process by their date.
        """
        assert self._file is not None
        found = self._file.execute(_BY_PROCESS)
        ocid, merged = "", dict[str, Any]()
        while rows := found.fetchmany(256):
            for name, at, raw, kept in rows:
                if name != ocid:
                    ocid, merged = name, {}
                release = _decode(kept)
                merged = merge(merged, release) | _first_dates(merged)
                if raw is not None:
                    yield PlacedRelease(at, raw, release, merged)


def merge(earlier: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """Return an object as a later one leaves it."""
    merged = dict(earlier)
    for name, value in later.items():
        before = merged.get(name)
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict) and isinstance(before, dict):
            merged[name] = merge(before, value)
        elif isinstance(before, list) and _has_ids(before) and _has_ids(value):
            merged[name] = _merged_lists(before, value)
        else:
            merged[name] = value
    return merged


def _first_dates(known: dict[str, Any]) -> dict[str, Any]:
    """Return the dates of the first releases tagged `contract` and `award`."""
    return {f"{tag}_date": date for tag in DATED_TAGS if (date := known.get(f"{tag}_date"))}


def _merged_lists(earlier: list[Any], later: list[Any]) -> list[Any]:
    by_id = {str(one["id"]): one for one in earlier}
    for one in later:
        name = str(one["id"])
        by_id[name] = merge(by_id[name], one) if name in by_id else one
    return list(by_id.values())


def _has_ids(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and "id" in one for one in value)


_SCRATCH = (
    "PRAGMA cache_size = -4096",  # kilobytes in memory, the rest on disk
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
)
_TABLES = (
    # raw is kept for the releases of the file that is being read
    "CREATE TABLE IF NOT EXISTS releases (number INTEGER PRIMARY KEY, ocid TEXT, seconds REAL,"
    " at TEXT, raw BLOB, kept BLOB)",
    "CREATE INDEX IF NOT EXISTS of_process ON releases (ocid, number)",
)
_BY_PROCESS = (
    "SELECT releases.ocid, at, raw, kept FROM releases JOIN"
    " (SELECT ocid, MIN(number) AS first FROM releases WHERE raw IS NOT NULL GROUP BY ocid)"
    " AS process ON releases.ocid = process.ocid ORDER BY process.first, seconds, number"
)
