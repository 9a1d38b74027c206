"""A hash of texts that is the same in every process, so that an import can go on in another."""

from xxhash import xxh3_64_intdigest

SIGNED_BITS = (1 << 63) - 1  # SQLite's integers are signed


def text_hash(*texts: str) -> int:
    """Return a hash of texts in their order, from 0 to 2⁶³ - 1."""
    whole = "\0".join(texts)
    try:
        raw = whole.encode()
    except UnicodeEncodeError:
        raw = whole.encode(errors="surrogatepass")
    return xxh3_64_intdigest(raw) & SIGNED_BITS
