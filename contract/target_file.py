"""Reading targets.toml: its targets, or every mistake in it with line and reason."""

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
"""Raises Rejected, with the field in `where`, for a target that the caller finds wrong."""

_FIELDS = frozenset(Target.__struct_fields__)
_HEADER = re.compile(r"^\s*\[\[\s*target\s*\]\]")


class TargetLine(Target, frozen=True, forbid_unknown_fields=True):
    """A `[[target]]` of targets.toml; its fields are those of the event's payload."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.withdrawn:
            raise ValueError("withdrawn does not belong in the file; remove the target instead")
        if "|" in self.key.replace("|", "", 2):
            raise ValueError("target and owner are parts of a key and must not contain |")


class _Mistake(Struct, frozen=True, order=True):
    line: int
    reason: str


def read_targets(text: str, path: str, check: Check = lambda target: None) -> tuple[Target, ...]:
    """Return the targets in the text of `path`.

    Raises:
        Misconfigured: there are mistakes; the message has a line `path:line: reason` for each.
    """
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(_syntax_error(path, text, error)) from None
    lines = _Lines(text)
    mistakes: list[_Mistake] = []
    targets: dict[int, Target] = {}
    for name in sorted(read.keys() - {"target"}):
        mistakes.append(_Mistake(lines.of_word(name), f"{name!r} is unknown, expected [[target]]"))
    found = read.get("target", [])
    for number, fields in enumerate(found if isinstance(found, list) else [found]):
        try:
            targets[number] = _target(fields, check)
        except _TargetMistake as mistake:
            mistakes.append(_Mistake(lines.of(number, mistake.field), str(mistake)))
    mistakes.extend(_overlaps(targets, lines))
    if mistakes:
        raise Misconfigured(
            "\n".join(f"{path}:{one.line}: {one.reason}" for one in sorted(mistakes))
        )
    return tuple(targets.values())


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean …?` with the known word nearest to `word`, or else all known ones."""
    words = sorted(known)
    if close := get_close_matches(word, words, n=1):
        return f"; did you mean {close[0]}?"
    return f"; known: {', '.join(words)}"


class _TargetMistake(Exception):
    """A mistake in one target, and the field that it is in."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


class _Lines:
    """The lines of the text, to find the line of a field."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._heads = [n for n, line in enumerate(self._lines) if _HEADER.match(line)]

    def of(self, number: int, field: str) -> int:
        """Return the line number of a target's field, or of its header if the field is absent."""
        if number >= len(self._heads):
            return self.of_word("target")
        start, stop = self._heads[number], [*self._heads, len(self._lines)][number + 1]
        for at in range(start + 1, stop):
            if field and _names(self._lines[at], field):
                return at + 1
        return start + 1

    def of_word(self, word: str) -> int:
        """Return the first line that sets or opens `word`; the first line of all if none does."""
        found = (at for at, line in enumerate(self._lines, 1) if _names(line, word))
        return next(found, 1)


def _names(line: str, word: str) -> bool:
    """Does the line set this field or open this table?"""
    return bool(
        re.match(rf"""\s*(\[\[?\s*)?(target\.)?["']?{re.escape(word)}["']?[\s.=\]]""", line)
    )


def _target(fields: Any, check: Check) -> Target:
    try:
        line = msgspec.convert(fields, TargetLine)
        # decoded as an event is, so that it compares equal to the same target in Kafka
        target = msgspec.json.decode(msgspec.json.encode(line), type=Target)
        check(target)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `")
        field = _field(message, path)
        raise _TargetMistake(_message(message, path.strip("`$."), field), field) from None
    except Rejected as refused:
        raise _TargetMistake(
            refused.message, refused.where.removeprefix("$.data.").split(".")[0]
        ) from None
    return target


def _field(message: str, path: str) -> str:
    """Return the field in the path of a decoder's message, or else the first it mentions."""
    named = re.match(r"\$\.(\w+)", path)
    if named:
        return named[1]
    quoted = re.search(r"unknown field `([^`]+)`", message)
    return (
        quoted[1] if quoted else next((w for w in re.findall(r"\w+", message) if w in _FIELDS), "")
    )


def _message(message: str, path: str, field: str) -> str:
    """Return the decoder's message with its path; for an unknown field, the nearest known one."""
    if "unknown field" in message:
        return f"{field!r} is unknown{nearest(field, _FIELDS)}"
    return f"{message} - at {path}" if path else message


def _overlaps(targets: Mapping[int, Target], lines: _Lines) -> Iterator[_Mistake]:
    """Return a mistake for each target whose period overlaps with an earlier one of its key."""
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


def _syntax_error(path: str, text: str, error: tomllib.TOMLDecodeError) -> str:
    """Return `path:line: not TOML: …` from tomllib's message, which ends with the position."""
    message, _, position = str(error).rpartition(" (at ")
    line = re.match(r"line (\d+)", position)
    return f"{path}:{line[1] if line else len(text.splitlines())}: not TOML: {message}"
