"""The modules of the code, each read and parsed once for all tests about them."""

import ast
from functools import cache
from pathlib import Path

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@cache
def text(path: Path) -> str:
    """Return the source of a module."""
    return path.read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(text(path))


@cache
def definitions(path: Path) -> tuple[Definition, ...]:
    """Return the classes and functions of a module, inner ones included."""
    return tuple(node for node in ast.walk(tree(path)) if isinstance(node, Definition))
