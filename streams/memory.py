"""How glibc deals with freed memory; another C library has no such switches and is left alone."""

import ctypes

__all__ = ["give_back_memory", "keep_freed_memory"]

# mallopt's names for them (malloc.h)
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3

MOST_KEPT_BYTES = 32 << 20  # at the end of the heap
LARGEST_KEPT_BYTES = 32 << 20  # of one block; glibc takes no more


def keep_freed_memory() -> None:
    """Let freed buffers be used again, instead of given to the system and asked for anew.

    A fetch is several buffers of megabytes, and each of their pages faulted again at every fetch:
    a tenth of an event's time.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, LARGEST_KEPT_BYTES)
        mallopt(_TRIM_THRESHOLD, MOST_KEPT_BYTES)


def give_back_memory() -> None:
    """Let glibc return what it keeps of freed blocks.

    Reading a changelog frees large arrays, whose room glibc keeps for later: 50 bytes a fact.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
