"""The boards of the repo's own book, as Grafana would read them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.book import Book, read_book
from dashboards.files import render
from stack.catalogues import tongues

ROOT = Path(__file__).parents[3]
Json = dict[str, Any]


@pytest.fixture(scope="session")
def book() -> Book:
    return read_book((ROOT / "quaymark.toml").read_text(), "quaymark.toml")


@pytest.fixture(scope="session")
def boards(book: Book) -> dict[str, Json]:
    """`en/port` -> the board."""
    return {
        path.removeprefix("dashboards/").removesuffix(".json"): json.loads(text)
        for path, text in render(book, tongues()).items()
        if path.endswith(".json")
    }


def panels(board: Json) -> Iterator[Json]:
    """Its panels, without the headings between them."""
    yield from (panel for panel in board["panels"] if panel["type"] != "row")


def queries(board: Json) -> list[str]:
    """Every expression of its panels."""
    return [target["expr"] for panel in panels(board) for target in panel["targets"]]
