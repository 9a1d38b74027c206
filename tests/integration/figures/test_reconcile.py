"""`quaymark reconcile`: a statement beside the books of a running worker."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.integration.support.commands import ok, run
from tests.integration.support.figures import teu_by_area
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker, Topics
from tests.integration.support.workers import as_records, becomes, move, recent, send, worker

pytestmark = pytest.mark.kafka

HEADER = "move,time,terminal,container,size,fill,teu\n"


def test_a_statement_closes_with_the_books_and_shows_what_differs(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    port, past = free_port(), recent()
    environ |= {"QUAYMARK_METRICS_PORT": str(port)}
    local = past.astimezone(ZoneInfo("Asia/Shanghai"))
    day = local.date().isoformat()

    def box(serial: int, size: str, terminal: str = "THE") -> Any:
        number = f"CSQU{serial:07d}"
        source = "/tonghai/east"
        return move(serial, terminal, size, past, source, equipmentReference=number)

    def row(serial: int, size: str, teu: str = "", *, hours: float = 0) -> str:
        at = (local + timedelta(hours=hours)).isoformat()
        return f"DISC,{at},THE,CSQU{serial:07d},{size},LADEN,{teu}\n"

    # 1.00 + 2.00 + 2.25 TEU at THE; BERTH9 is no terminal
    events = [box(1, "22G1"), box(2, "42G1"), box(3, "L5G1"), box(4, "22G1", "BERTH9")]
    same = tmp_path / "same.csv"
    same.write_text(HEADER + row(1, "22G1") + row(2, "42G1", hours=0.1) + row(3, "L5G1"))
    # without 1 (-1.00), 3 as 2.00 (-0.25), 4 that was refused (+1.00), 9 that nobody sent (+2.00)
    other = tmp_path / "other.csv"
    other.write_text(
        HEADER + row(2, "42G1") + row(3, "L5G1", "2.00") + row(4, "22G1") + row(9, "42G1")
    )
    totals = tmp_path / "totals.csv"
    totals.write_text(f"day,teu\n{day},5.00\n")
    of_day = ("--terminal", "THE", "--on", day)

    with worker(broker.bootstrap, tmp_path, port) as one:
        send(broker.bootstrap, as_records(events))
        becomes("5.25 TEU", lambda: teu_by_area(one), {("tonghai", "THE"): 5.25})

        said = ok(run(environ, "reconcile", str(same), *of_day))
        assert "every record is the same" in said
        assert "our figure equals the books: 5.25" in said

        found = json.loads(ok(run(environ, "reconcile", str(other), *of_day, "--json")))
        assert (found["theirs"], found["ours"], found["books"]) == (7, 5.25, 5.25)
        assert (found["difference"], found["unexplained"]) == (1.75, 0)
        assert {cause: one["amount"] for cause, one in found["by_cause"].items()} == {
            "only_theirs": 2,
            "only_ours": -1,
            "other_size": -0.25,
            "set_aside": 1,
        }
        assert [one["note"] for one in found["records"] if one["cause"] == "set_aside"] == [
            "unknown_terminal"
        ]

        sums = json.loads(ok(run(environ, "reconcile", str(totals), *of_day, "--json")))
        assert sums["by_cause"] == {"other_sum": {"records": 1, "amount": -0.25}}
        assert sums["hints"][0].startswith("if they count a 45 ft box as 2 TEU, the totals differ")

        (tmp_path / "naive.csv").write_text(HEADER + row(1, "22G1") + row(2, "42G1")[:21] + "\n")
        unread = run(environ, "reconcile", str(tmp_path / "naive.csv"), *of_day)
        assert unread.returncode == 1
        assert "1 lines of the statement can't be read" in unread.stderr

        elsewhere = run(environ, "reconcile", str(same), "--terminal", "THW", "--on", day)
        assert elsewhere.returncode == 2
        assert "no move at THW; it has moves at THE (3)" in elsewhere.stderr
        another_year = run(environ, "reconcile", str(same), "--terminal", "THE", "--year", "2019")
        assert another_year.returncode == 2
        assert "the period is 2019-01-01 to 2019-12-31" in another_year.stderr
        missing = run(environ, "reconcile", str(tmp_path / "none.csv"), *of_day)
        assert missing.returncode == 2
        assert "no such file or folder" in missing.stderr
        assert one.stop() == 0
