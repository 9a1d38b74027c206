"""Tells what share of the branches and lines of each room the tests take; a gate it is not.

`make coverage` runs all tests first.  What runs in child processes counts, unless it is killed.
"""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

LEAST_COVERED = 15  # modules that are listed


class Counts(NamedTuple):
    """What there is, and what of it the tests took."""

    lines: int = 0
    lines_taken: int = 0
    branches: int = 0
    branches_taken: int = 0

    def __add__(self, other: "Counts") -> "Counts":  # type: ignore[override]  # not a tuple's
        return Counts(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    def __str__(self) -> str:
        return (
            f"{_share(self.branches_taken, self.branches):>6} of {self.branches:6,} branches  "
            f"{_share(self.lines_taken, self.lines):>6} of {self.lines:7,} lines"
        )


def main() -> None:
    """Print a line a room, and the modules with most branches that no test takes."""
    modules = {name: counts for name, counts in measured().items() if counts.lines}
    rooms: dict[str, Counts] = defaultdict(Counts)
    for name, counts in modules.items():
        rooms[name.partition("/")[0]] += counts
    for room, counts in sorted(rooms.items()):
        sys.stdout.write(f"{room:12}  {counts}\n")
    sys.stdout.write(f"{'all':12}  {sum(rooms.values(), Counts())}\n\nmost branches not taken:\n")
    left = sorted(modules.items(), key=lambda one: one[1].branches_taken - one[1].branches)
    for name, counts in left[:LEAST_COVERED]:
        sys.stdout.write(f"{counts}  {name}\n")


def measured() -> dict[str, Counts]:
    """Module -> counts, from coverage's own report."""
    with TemporaryDirectory() as folder:
        report = Path(folder, "coverage.json")
        command = [sys.executable, "-m", "coverage", "json", "--quiet", "-o", str(report)]
        subprocess.run(command, check=True)
        files = json.loads(report.read_text("utf-8"))["files"]
    return {
        name: Counts(
            found["summary"]["num_statements"],
            found["summary"]["covered_lines"],
            found["summary"]["num_branches"],
            found["summary"]["covered_branches"],
        )
        for name, found in files.items()
    }


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


if __name__ == "__main__":
    main()
