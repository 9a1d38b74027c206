"""The boards of the repo's own book, as Grafana would read them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.book import Book, read_book
from dashboards.provisioning import render
from stack.locales import languages

ROOT = Path(__file__).parents[3]
Json = dict[str, Any]
VARIABLES = {
    "port_area": "tonghai",
    "terminal": "THE|THC|THW",
    "year": "2026",
    "run": "^$",
    "newest": "0",
    "__rate_interval": "1m",
    "__range": "6h",
    "__range_s": "21600",
}
"""Variable -> its value as Grafana writes it into a query."""


@pytest.fixture(scope="session")
def book() -> Book:
    return read_book((ROOT / "quaymark.toml").read_text(), "quaymark.toml")


@pytest.fixture(scope="session")
def boards(book: Book) -> dict[str, Json]:
    """`en/port` -> the board."""
    return {
        path.removeprefix("dashboards/").removesuffix(".json"): json.loads(text)
        for path, text in render(book, languages()).items()
        if path.endswith(".json")
    }


def panels(board: Json) -> Iterator[Json]:
    """Its panels and those under a folded heading, without the headings."""
    for panel in board["panels"]:
        if panel["type"] == "row":
            yield from panel["panels"]
        else:
            yield panel


def queries(board: Json) -> list[str]:
    """Every expression of its panels."""
    return [target["expr"] for panel in panels(board) for target in panel["targets"]]


def filled(expr: str) -> str:
    """An expression with the board's variables in place."""
    return re.sub(r"\$\{?(\w+)(:pipe\})?", lambda found: VARIABLES.get(found[1], found[0]), expr)
