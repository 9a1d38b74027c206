"""The rooms of the code: names, sizes and docstrings of their modules."""

import ast
import importlib.metadata
import importlib.util
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
import pytest

from tests.house import sources

ROOT = Path(__file__).parents[2]
PROJECT = msgspec.toml.decode((ROOT / "pyproject.toml").read_bytes())
ROOMS: list[str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
LONGEST = 300  # lines; aim at 60 to 160, reconsider at 250, split above this
VOCABULARY = "contract/events.py"  # may be longer: it lists every event of the one union

each_room = pytest.mark.parametrize("room", ROOMS)
each_module = pytest.mark.parametrize(
    "path", MODULES, ids=[str(path.relative_to(ROOT)) for path in MODULES]
)


@each_room
def test_a_room_resolves_to_this_repository(room: str) -> None:
    spec = importlib.util.find_spec(room)

    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin) == ROOT / room / "__init__.py"


@cache
def distributions() -> Mapping[str, list[str]]:
    """Name of an installed package -> the distributions that provide it."""
    return importlib.metadata.packages_distributions()


@each_room
def test_no_other_distribution_provides_a_rooms_name(room: str) -> None:
    provided = distributions().get(room, [])

    assert set(provided) <= {"quaymark"}


def test_every_package_folder_with_code_is_a_room() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert packages - {"tests", "bench"} == set(ROOMS)


@each_module
def test_a_module_says_its_idea_and_is_short(path: Path) -> None:
    docstring = ast.get_docstring(sources.tree(path))

    assert docstring, "its docstring says its one idea"
    assert docstring.splitlines()[0].endswith((".", ":", "?"))
    assert len(sources.text(path).splitlines()) <= LONGEST or path == ROOT / VOCABULARY


@each_module
def test_exported_names_are_sorted_and_there(path: Path) -> None:
    tree = sources.tree(path)
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names = ast.literal_eval(node.value)
            assert list(names) == sorted(names)
            assert len(set(names)) == len(names)
            module = importlib.import_module(_module_name(path))
            assert [name for name in names if not hasattr(module, name)] == []


@each_module
def test_no_open_end_is_left_in_the_code(path: Path) -> None:
    found = re.findall(r"\b(?:TO[D]O|FIX[M]E|X{3}|HA[C]K)\b", sources.text(path))

    assert found == []


def _module_name(path: Path) -> str:
    dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return dotted.removesuffix(".__init__")
