"""How glibc treats freed memory; another C library lacks these switches and stays as it is."""

import ctypes

__all__ = ["give_back_memory", "keep_freed_memory"]

# the parameters of mallopt (malloc.h)
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3

MOST_KEPT_BYTES = 32 << 20  # at the end of the heap
LARGEST_KEPT_BYTES = 32 << 20  # of one block; glibc's limit


def keep_freed_memory() -> None:
    """Let glibc keep freed buffers for reuse, instead of returning them to the system.

    A fetch takes several buffers of megabytes.  Page faults on new ones at every fetch would take
    a tenth of the time of an event.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, LARGEST_KEPT_BYTES)
        mallopt(_TRIM_THRESHOLD, MOST_KEPT_BYTES)


def give_back_memory() -> None:
    """Let glibc return freed memory to the system.

    Reading a changelog frees large arrays, which glibc would keep: 50 bytes for each fact.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
