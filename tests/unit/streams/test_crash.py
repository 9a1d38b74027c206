"""A crash is reported at once, so that the process can limit the time until it ends."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from contract.book import read_book
from contract.settings import Settings
from streams.app import create_worker

BOOK = read_book(Path("quaymark.toml").read_text(encoding="utf-8"), "quaymark.toml")


def test_the_callback_is_called_as_a_crash_begins(tmp_path: Path) -> None:
    async def go() -> list[bool]:
        settings = Settings(store="memory", folder=str(tmp_path))
        app = create_worker(settings, BOOK, lambda: datetime(2026, 3, 10, tzinfo=UTC)).app
        stopping: list[bool] = []
        app.on_crash = lambda: stopping.append(app.should_stop)
        await app.crash(ValueError("planted"))
        return stopping

    assert asyncio.run(go())[:1] == [False]  # before it stops anything
