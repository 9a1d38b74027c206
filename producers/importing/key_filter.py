"""A filter that tells most keys that are not in a table, so that they are not looked for there."""

from collections.abc import Iterable

BITS = 1 << 26  # 8 MiB: of the keys of five million events it lets two in a hundred pass
_LAST = BITS - 1
_SHIFT = 26  # a key's two bits are the lowest 26 bits of its hash, and the next 26


class KeyFilter:
    """A Bloom filter with two bits a key: a key that was added always passes."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, keys: Iterable[int]) -> None:
        """Add keys, which must be hashes."""
        if not self._bits:
            self._bits = bytearray(BITS >> 3)
        bits = self._bits
        for key in keys:
            bits[(key & _LAST) >> 3] |= 1 << (key & 7)
            key >>= _SHIFT
            bits[(key & _LAST) >> 3] |= 1 << (key & 7)

    def may_hold(self, key: int) -> bool:
        """Return whether a key may have been added."""
        bits = self._bits
        if not bits or not bits[(key & _LAST) >> 3] >> (key & 7) & 1:
            return False
        key >>= _SHIFT
        return bool(bits[(key & _LAST) >> 3] >> (key & 7) & 1)
