"""Arrow in little memory: without pandas, and with what is free given back to the system.

Arrow imports pandas with the first array that it makes, if it is installed, to know its types.
That takes 0.7 seconds of a core and 60 MB, and the register hands no pandas to Arrow.  Its own
memory pool keeps some 100 MB that are free while a year is read.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType

import pyarrow as pa


class _NoPandas(MetaPathFinder):
    """Finds nothing, and lets nobody else find pandas."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def use_little_memory() -> None:
    """Let Arrow of this process use the system's memory, and go without pandas.

    If pandas is imported already, it stays.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    if "pandas" in sys.modules:
        return
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.array([])  # Arrow looks for pandas once
    finally:
        sys.meta_path.remove(finder)
