"""The unpacked bytes of a gzip stream, in bounded memory."""

import zlib

from contract.errors import Reason, Rejected
from producers.reading.outcome import Stream
from producers.reading.unpack_budget import UnpackBudget

CHUNK_BYTES = 1 << 16
MARK = b"\x1f\x8b"
_WRONG = {"incorrect data check": "the checksum", "incorrect length check": "the length"}
"""Words of zlib's error at the end of an archive -> what is wrong there."""
_GZIP = 31  # zlib's number for gzip with the greatest window


class GzipStream:
    """Unpacks members one behind the other, as gzip joins them.

    Reading raises Rejected where the archive is damaged or cut, or unpacks to too much: what came
    before was read.
    """

    def __init__(self, stream: Stream, budget: UnpackBudget) -> None:
        self._stream, self._budget = stream, budget
        self._packed = b""
        self._member = zlib.decompressobj(_GZIP)
        self._ended = False

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        while not self._ended:
            if self._member.eof and not self._begin_member():
                break
            packed = self._packed or self._stream.read(CHUNK_BYTES)
            self._budget.read(0 if self._packed else len(packed))
            try:
                chunk = self._member.decompress(packed, size)
            except zlib.error as error:
                raise Rejected(Reason.BAD_SYNTAX, _damage(str(error))) from None
            self._packed = self._member.unconsumed_tail or self._member.unused_data
            if chunk:
                self._budget.unpacked(len(chunk))
                return chunk
            if not packed:
                raise Rejected(
                    Reason.BAD_SYNTAX, "the gzip archive is cut; it is read up to there"
                )
        self._ended = True
        return b""

    def _begin_member(self) -> bool:
        """Begin the next member; False if there is none (zeros behind the last are padding)."""
        while not self._packed.strip(b"\0"):
            self._packed = self._stream.read(CHUNK_BYTES)
            self._budget.read(len(self._packed))
            if not self._packed:
                return False
        self._packed = self._packed.lstrip(b"\0")
        if not self._packed.startswith(MARK[: len(self._packed)]):
            raise Rejected(
                Reason.BAD_SYNTAX, "other bytes stand behind the gzip archive; they are not read"
            )
        self._member = zlib.decompressobj(_GZIP)
        return True


def _damage(error: str) -> str:
    """Return what is wrong with an archive by the error of zlib."""
    wrong = next((what for mark, what in _WRONG.items() if mark in error), None)
    if wrong is not None:
        return (
            f"the gzip archive is damaged: its files do not have {wrong} that it names, so any "
            "byte of them may be wrong; the last piece is not read: send it again"
        )
    return f"the gzip archive is damaged ({error}); it is read up to there"
