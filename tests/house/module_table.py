"""The table of all modules at the end of docs/architecture.md, rendered from their docstrings.

`python -m tests.house.module_table` writes it again.
"""

import ast
from pathlib import Path

import msgspec

from tests.house import sources

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/architecture.md"
HEADING = "## Every module in a line\n"
PROJECT = msgspec.toml.decode((ROOT / "pyproject.toml").read_bytes())
ROOMS: list[str] = [*PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"], "bench"]


def table() -> str:
    """Return a section for each room, with the first docstring line of each module."""
    parts = [f"{HEADING}\nRendered from the docstrings by `python -m tests.house.module_table`.\n"]
    for room in sorted(ROOMS):
        parts.append(f"\n### `{room}/`\n| module | its idea |\n|---|---|\n")
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if path.name != "__init__.py":
                said = ast.get_docstring(sources.tree(path)) or ""
                line = said.splitlines()[0].replace("|", "\\|")
                parts.append(f"| `{name}` | {line} |\n")
    return "".join(parts)


def written() -> str:
    """Return the table that the page has now."""
    _, heading, rest = PAGE.read_text(encoding="utf-8").partition(HEADING)
    return heading + rest


if __name__ == "__main__":
    before = PAGE.read_text(encoding="utf-8").partition(HEADING)[0]
    PAGE.write_text(before + table(), encoding="utf-8")
