"""Limits for modules per folder, for repeated names, and for parameters per function."""

import ast
from collections import defaultdict
from pathlib import Path

import msgspec

from tests.house import sources

ROOT = Path(__file__).parents[2]
PROJECT = msgspec.toml.decode((ROOT / "pyproject.toml").read_bytes())
ROOMS: list[str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
SOURCES = (*ROOMS, "bench")  # the bench is not in the wheel, but is read like the rooms
MODULES = sorted(path for top in SOURCES for path in (ROOT / top).rglob("*.py"))
FOLDERS = sorted(
    {path.parent for top in (*SOURCES, "tests") for path in (ROOT / top).rglob("*.py")}
)
MOST_MODULES = 18  # in a folder, without __init__.py
MOST_PARAMETERS = 6  # per function or method, without self or cls
MOST_FILES = 2  # with one name; Python prescribes the names __init__.py and __main__.py
OF_PYTHON = ("__init__", "__main__")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def test_a_folder_is_seen_at_one_look() -> None:
    modules = {
        str(folder.relative_to(ROOT)): len(
            [path for path in folder.glob("*.py") if path.stem != "__init__"]
        )
        for folder in FOLDERS
    }

    full = {folder: count for folder, count in modules.items() if count > MOST_MODULES}
    assert full == {}, f"more than {MOST_MODULES} modules: part it into folders"


def test_no_two_classes_have_one_name() -> None:
    modules: dict[str, list[str]] = defaultdict(list)
    for path in MODULES:
        for node in sources.definitions(path):
            if isinstance(node, ast.ClassDef):
                modules[node.name].append(str(path.relative_to(ROOT)))

    twice = {name: paths for name, paths in modules.items() if len(paths) > 1}
    assert twice == {}, "one word, one meaning: name each class for what only it is"


def test_no_file_name_stands_for_more_than_two_things() -> None:
    files: dict[str, list[str]] = defaultdict(list)
    for path in MODULES:
        if path.stem not in OF_PYTHON:
            files[path.stem].append(str(path.relative_to(ROOT)))

    often = {name: paths for name, paths in files.items() if len(paths) > MOST_FILES}
    assert often == {}, "a reader finds a file by its name: name each for what only it is"


def test_no_function_takes_more_than_six_parameters() -> None:
    many = {
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}": count
        for path in MODULES
        for function in sources.definitions(path)
        if isinstance(function, Function)
        and (count := len(_parameters(function))) > MOST_PARAMETERS
    }

    assert many == {}, f"more than {MOST_PARAMETERS} parameters: a type is missing that holds some"


def _parameters(function: Function) -> list[str]:
    """Return the names of all parameters, keyword-only ones included, without self and cls."""
    taken = function.args
    names = [one.arg for one in (*taken.posonlyargs, *taken.args, *taken.kwonlyargs)]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names
