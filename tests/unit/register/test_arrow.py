"""Arrow without pandas."""

import subprocess
import sys

_MAKES_AN_ARRAY = """
import sys
import pyarrow as pa
from register.arrow import use_little_memory
{keep_out}
pa.array(["THC", None])
print("pandas" in sys.modules)
import pandas
"""


def _imports_pandas(keep_out: str) -> bool:
    done = subprocess.run(
        [sys.executable, "-c", _MAKES_AN_ARRAY.format(keep_out=keep_out)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip() == "True"


def test_an_array_of_the_register_imports_no_pandas_but_others_still_may() -> None:
    assert not _imports_pandas("use_little_memory()")
    # the reason for it: without it, Arrow does
    assert _imports_pandas("")
