"""targets.toml as a value, or every mistake in it by line and reason."""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

import msgspec
from msgspec import Struct

from contract.errors import Misconfigured, Rejected
from contract.events import Target
from contract.period import days_of_period

Check = Callable[[Target], None]
"""Raises Rejected, with the field as `where`, for a target that the reader knows to be wrong."""

_FIELDS = frozenset(Target.__struct_fields__)
_HEADER = re.compile(r"^\s*\[\[\s*target\s*\]\]")


class TargetLine(Target, frozen=True, forbid_unknown_fields=True):
    """A `[[target]]` of targets.toml: the fields of the event's payload."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.withdrawn:
            raise ValueError("withdrawn is no word of the file; take the target out of it")
        if "|" in self.key.replace("|", "", 2):
            raise ValueError("target and owner are parts of a key, expected no | in them")


class _Mistake(Struct, frozen=True, order=True):
    line: int
    reason: str


def read_targets(text: str, path: str, check: Check = lambda target: None) -> tuple[Target, ...]:
    """The targets in the text of `path`.

    Raises:
        Misconfigured: every mistake in it, a line each: `path:line: reason`.
    """
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(_placed(path, text, error)) from None
    lines = _Lines(text)
    mistakes: list[_Mistake] = []
    targets: dict[int, Target] = {}
    for name in sorted(read.keys() - {"target"}):
        mistakes.append(_Mistake(lines.of_word(name), f"{name!r} is unknown, expected [[target]]"))
    found = read.get("target", [])
    for number, fields in enumerate(found if isinstance(found, list) else [found]):
        try:
            targets[number] = _target(fields, check)
        except _Wrong as wrong:
            mistakes.append(_Mistake(lines.of(number, wrong.field), str(wrong)))
    mistakes.extend(_overlaps(targets, lines))
    if mistakes:
        raise Misconfigured(
            "\n".join(f"{path}:{one.line}: {one.reason}" for one in sorted(mistakes))
        )
    return tuple(targets.values())


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?` of the known word nearest to one that is not, else what is known."""
    words = sorted(known)
    if close := get_close_matches(word, words, n=1):
        return f"; did you mean {close[0]}?"
    return f"; known: {', '.join(words)}"


class _Wrong(Exception):
    """What is wrong with one target, and with which of its fields."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


class _Lines:
    """Where in the text the fields of each `[[target]]` stand."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._heads = [n for n, line in enumerate(self._lines) if _HEADER.match(line)]

    def of(self, number: int, field: str) -> int:
        """The line of a field of a target, counted from 1; its header's if it has none."""
        if number >= len(self._heads):
            return self.of_word("target")
        start, stop = self._heads[number], [*self._heads, len(self._lines)][number + 1]
        for at in range(start + 1, stop):
            if field and _names(self._lines[at], field):
                return at + 1
        return start + 1

    def of_word(self, word: str) -> int:
        """The first line that names a word."""
        found = (at for at, line in enumerate(self._lines, 1) if _names(line, word))
        return next(found, 1)


def _names(line: str, word: str) -> bool:
    """Does a line set this field, or open this table?"""
    return bool(
        re.match(rf"""\s*(\[\[?\s*)?(target\.)?["']?{re.escape(word)}["']?[\s.=\]]""", line)
    )


def _target(fields: Any, check: Check) -> Target:
    try:
        line = msgspec.convert(fields, TargetLine)
        # as the event gives it, so that the two are compared like with like
        target = msgspec.json.decode(msgspec.json.encode(line), type=Target)
        check(target)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `")
        field = _field(message, place)
        raise _Wrong(_explained(message, place.strip("`$."), field), field) from None
    except Rejected as refused:
        raise _Wrong(
            refused.message, refused.where.removeprefix("$.data.").split(".")[0]
        ) from None
    return target


def _field(message: str, place: str) -> str:
    """The field that a complaint is about: where it says so, or the first field that it names."""
    named = re.match(r"\$\.(\w+)", place)
    if named:
        return named[1]
    quoted = re.search(r"unknown field `([^`]+)`", message)
    return (
        quoted[1] if quoted else next((w for w in re.findall(r"\w+", message) if w in _FIELDS), "")
    )


def _explained(message: str, place: str, field: str) -> str:
    """The decoder's complaint with its place, and for an unknown field the nearest known one."""
    if "unknown field" in message:
        return f"{field!r} is unknown{nearest(field, _FIELDS)}"
    return f"{message} - at {place}" if place else message


def _overlaps(targets: Mapping[int, Target], lines: _Lines) -> Iterator[_Mistake]:
    """The same owner's target for the same days twice."""
    earlier: list[Target] = []
    for number, target in targets.items():
        first, end = days_of_period(target.period)
        for other in earlier:
            since, until = days_of_period(other.period)
            if (other.owner, other.target) == (target.owner, target.target) and (
                first < until and since < end
            ):
                yield _Mistake(
                    lines.of(number, "period"),
                    f"period {target.period} of {target.owner}'s {target.target} overlaps with "
                    f"its period {other.period}; expected each day in one of them",
                )
                break
        earlier.append(target)


def _placed(path: str, text: str, error: tomllib.TOMLDecodeError) -> str:
    """`path:line: not TOML: …` of tomllib's complaint, which ends with the place."""
    message, _, place = str(error).rpartition(" (at ")
    line = re.match(r"line (\d+)", place)
    return f"{path}:{line[1] if line else len(text.splitlines())}: not TOML: {message}"
