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


def test_each_module_says_its_idea() -> None:
    """Its docstring's first line is a sentence."""
    docstrings = {_named(path): ast.get_docstring(sources.tree(path)) or "" for path in MODULES}
    mute = [
        name
        for name, said in docstrings.items()
        if not said.partition("\n")[0].endswith((".", ":", "?"))
    ]

    assert mute == []


def test_each_module_is_short() -> None:
    lines = {_named(path): len(sources.text(path).splitlines()) for path in MODULES}
    long = {name: n for name, n in lines.items() if n > LONGEST and name != VOCABULARY}

    assert long == {}, f"more than {LONGEST} lines: part it by its ideas"


def test_exported_names_are_sorted_and_there() -> None:
    wrong = [_named(path) for path in MODULES if not _exports_well(path)]

    assert wrong == [], "__all__ is sorted, names nothing twice, and nothing that is not there"


def test_no_open_end_is_left_in_the_code() -> None:
    found = {
        _named(path): ends
        for path in MODULES
        if (ends := re.findall(r"\b(?:TO[D]O|FIX[M]E|X{3}|HA[C]K)\b", sources.text(path)))
    }

    assert found == {}


def _exports_well(path: Path) -> bool:
    for node in sources.tree(path).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names = ast.literal_eval(node.value)
            module = importlib.import_module(_module_name(path))
            if list(names) != sorted(set(names)) or not all(hasattr(module, one) for one in names):
                return False
    return True


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _module_name(path: Path) -> str:
    dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return dotted.removesuffix(".__init__")
