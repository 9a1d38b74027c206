"""docs/explain.md: its table of columns is that of the code, and its five queries run."""

import re
from pathlib import Path

import duckdb
import pytest

from register.columns import COLUMNS
from register.questions import Cause
from register.store import RegisterStore
from tests.unit.ledger.records import BOOK, moved, topic

PAGE = (Path(__file__).parents[3] / "docs/explain.md").read_text("utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


def test_it_lists_every_column_with_its_type_and_meaning() -> None:
    listed = re.findall(r"^\| `(\w+)` \| ([\w(), =\[\]]+) \| (.+) \|$", PAGE, re.MULTILINE)

    assert listed == [(one.name, str(one.type), one.says) for one in COLUMNS]


def test_it_lists_every_cause() -> None:
    assert re.findall(r"^\| `(\w+)` \| (?:moves|a newer|the event)", PAGE, re.MULTILINE) == [
        *("new", "late", "retried", "amended", "moved", "size_learnt", "retracted"),
        "no_longer_counted",
    ]
    assert len(Cause) == 8


def test_its_queries_run_and_sum_to_the_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 20 ft at 08:00 and 40 ft at 09:00 of 1 March in Shanghai, one record twice: 1.00 + 2.00 TEU
    events = [moved("a"), moved("b", "2026-03-01T09:00:00+08:00", size="45G1"), moved("a")]
    refused = moved("x", terminal="THX")
    RegisterStore(tmp_path / ".quaymark/register", BOOK).add({0: topic([*events, refused])})
    monkeypatch.chdir(tmp_path)
    connection = duckdb.connect()
    view, hours, ship, amends, refusals, days = QUERIES
    connection.execute(view)

    def asked(query: str) -> list[tuple[object, ...]]:
        return connection.execute(query).fetchall()

    assert [(str(hour), float(teu)) for hour, teu in asked(hours)] == [  # type: ignore[arg-type]
        ("2026-03-01 09:00:00", 2.0),
        ("2026-03-01 08:00:00", 1.0),
    ]
    assert asked(ship) == []
    assert asked(amends) == [("/tonghai/THE", 3, 1, 33.33)]
    assert [row[:3] for row in asked(refusals)] == [("/tonghai/THE", "unknown_terminal", 1)]
    asked(days)
    assert Path("days.csv").read_text() == (
        "business_day,terminal,teu,moves\n2026-03-01,THE,3.00,2\n"
    )
