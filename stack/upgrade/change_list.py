"""changes.toml: each release and what it changes for a port that runs already."""

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from contract.errors import Misconfigured, StackError

NAME = "changes.toml"
PLACES = (
    Path(__file__).parents[2] / NAME,
    Path(sys.prefix) / "share/quaymark" / NAME,  # in the image, where there is no checkout
)

Text = Annotated[str, Meta(min_length=1)]


class ChangeKind(StrEnum):
    """What a change touches, and so whom it concerns."""

    SERIES = "series"
    SETTING = "setting"
    LEDGER = "ledger"
    FORMAT = "format"
    FORMULA = "formula"
    BEHAVIOUR = "behaviour"


class Change(Struct, frozen=True, forbid_unknown_fields=True):
    """One change that an operator must know of."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9-]+$")]
    kind: ChangeKind
    changelog: Text
    """How its line in CHANGELOG.md begins."""
    what: Text
    do: Text
    names: tuple[str, ...] = ()
    """Old names of series or settings; a change of one of these kinds has some."""

    def __post_init__(self) -> None:
        if (self.kind in (ChangeKind.SERIES, ChangeKind.SETTING)) != bool(self.names):
            raise ValueError("a change of series or settings has their old names, no other has")


class Release(Struct, frozen=True, forbid_unknown_fields=True):
    """One version and its changes, which may be none."""

    version: str
    change: tuple[Change, ...] = ()


class ChangeList(Struct, frozen=True, forbid_unknown_fields=True):
    """changes.toml as a value, the newest release first."""

    release: tuple[Release, ...]

    def __iter__(self) -> Iterator[tuple[Release, Change]]:
        """Yield each change with its release."""
        for release in self.release:
            for change in release.change:
                yield release, change

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all changes."""
        return tuple(change.id for _, change in self)


def read_changes(text: str, path: str) -> ChangeList:
    """Return the changes in the text of `path`.

    Raises:
        Misconfigured: the file has a mistake, or an id is there twice.
    """
    try:
        changes = msgspec.toml.decode(text, type=ChangeList)
    except msgspec.MsgspecError as error:
        raise Misconfigured(f"{path}: {error}") from None
    if twice := sorted({one for one in changes.ids if changes.ids.count(one) > 1}):
        raise Misconfigured(f"{path}: the id {twice[0]} is there twice")
    return changes


def own_changes() -> ChangeList:
    """Return the changes up to the release that runs.

    Raises:
        StackError: changes.toml did not come with it.
    """
    for path in PLACES:
        if path.is_file():
            return read_changes(path.read_text(encoding="utf-8"), str(path))
    raise StackError(f"{PLACES[0]} is missing: it belongs to the release, beside CHANGELOG.md")
