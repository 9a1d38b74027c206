"""Memory that recovery leaves behind, given back to the system."""

import ctypes

__all__ = ["give_back_memory"]


def give_back_memory() -> None:
    """Let glibc return what it keeps of freed blocks.

    Reading a changelog frees large arrays, whose room glibc keeps for later: 50 bytes a fact.
    Another C library has no malloc_trim and is left alone.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
