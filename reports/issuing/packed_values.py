"""The values of a report, packed into a record from which the same pages can be made again."""

import zlib

import msgspec

from reports.values import ReportValues

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(ReportValues).decode


def packed(values: ReportValues) -> bytes:
    """Return values as deflated MessagePack."""
    return zlib.compress(_encode(values), 9)


def unpacked(content: bytes) -> ReportValues:
    """Return the values in the bytes of `packed`.

    Raises:
        ValueError: they are damaged, or of another version of the program.
    """
    try:
        return _decode(zlib.decompress(content))
    except (zlib.error, msgspec.MsgspecError) as error:
        raise ValueError(f"the values of the report can't be read: {error}") from None
