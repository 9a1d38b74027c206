"""What the process asks of the system for memory that it has freed."""

import ctypes
import subprocess
import sys

import pytest

PAGES = """
import resource
{first}
fault = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt
fetch = lambda: [b"x" * (4 << 20) for _ in range(6)]
fetch()
before = fault()
for _ in range(10):
    fetch()
print(fault() - before)
"""


def faults(first: str) -> int:
    """Pages asked for by ten fetches of six buffers of 4 MiB, after a first one."""
    code = PAGES.format(first=first)
    asked = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    return int(asked.stdout)


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="no glibc: nothing to set")
def test_a_freed_buffer_is_used_again_without_asking_the_system() -> None:
    kept = faults("from streams.memory import keep_freed_memory; keep_freed_memory()")
    assert kept < 6 * 1024  # the pages of one fetch
    assert faults("") > 20 * 1024  # and without it, of most of them
