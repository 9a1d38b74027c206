"""Where the next JSON element begins behind a broken one, known by the first keys of others."""

import re

KEYS_KEPT = 16  # a file has one or two first keys

# Possessive (*+), so that bytes cut off by the end of a chunk fail at once instead of by all ways
STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_FIRST_KEY = re.compile(rb"\{\s*+(%s)\s*+:" % STRING, re.DOTALL)


class ElementBeginnings:
    """The first keys of elements, as written."""

    def __init__(self) -> None:
        self._keys: list[bytes] = []
        self._pattern: re.Pattern[bytes] | None = None

    def learn(self, raw: bytes, start: int = 0) -> int | None:
        """Remember the first key of the element at `start`; return where the key ends, if any."""
        first = _FIRST_KEY.match(raw, start)
        if first is None:
            return None
        if first[1] not in self._keys and len(self._keys) < KEYS_KEPT:
            self._keys.append(first[1])
            keys = b"|".join(map(re.escape, self._keys))
            self._pattern = re.compile(rb'[,}\]"\n]\s*+(\{\s*+(?:%s)\s*+:)' % keys)
        return first.end()

    def find(self, raw: bytes, after: int) -> int | None:
        """Return where the next element may begin: behind another, with a known first key."""
        if all(raw.find(key, after) < 0 for key in self._keys):
            return None  # as of nearly all elements: a search for a literal is the fastest
        found = self._pattern.search(raw, after) if self._pattern else None
        return None if found is None else found.start(1)
