"""Imported files of partners are counted once in the worker's metrics, as computed by hand."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.scraping import query, scraping
from tests.integration.support.workers import HERE, becomes, recent, until, worker

pytestmark = pytest.mark.kafka

FIXTURES = HERE / "tests" / "fixtures"
PARTNER = """
[[partner]]
name = "east"
senders = ["EASTTERM"]
time_zone = "Asia/Shanghai"
terminals = { ETCT = "THE" }
"""


def message(number: str, function: str, *boxes: str) -> str:
    """Return a COARRI discharge report of yesterday, prepared an hour after its moves."""
    at = recent(1).astimezone(ZoneInfo("Asia/Shanghai"))
    prepared = at + timedelta(hours=1)
    groups = "".join(
        f"{eqd}'DTM+203:{at:%Y%m%d%H%M}:203'LOC+165+CNNTG:139:6+ETCT:TER:ZZZ'" for eqd in boxes
    )
    return (
        f"UNB+UNOA:2+EASTTERM+PORT+{prepared:%y%m%d:%H%M}+R{number}{function}'"
        f"UNH+1+COARRI:D:95B:UN:SMDG16'BGM+44+{number}+{function}'{groups}"
        f"CNT+16:{len(boxes)}'UNT+{len(boxes) * 3 + 4}+1'UNZ+1+R{number}{function}'"
    )


def imported(environ: dict[str, str], *paths: Path) -> dict[str, Any]:
    """Run `producers import` on these files, and return its report."""
    done = subprocess.run(
        [sys.executable, "-m", "producers", "import", "--json", *map(str, paths)],
        cwd=HERE,
        env=environ,
        capture_output=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr.decode()[-4000:]
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def rejected(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `producers rejected`."""
    return subprocess.run(
        [sys.executable, "-m", "producers", "rejected", *arguments],
        cwd=HERE,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_samples_and_a_days_reports_reach_the_metrics_once(
    broker: RunningBroker, topics: Callable[..., None], environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    book = tmp_path / "book.toml"
    book.write_text((HERE / "quaymark.toml").read_text(encoding="utf-8") + PARTNER, "utf-8")
    environ |= {"QUAYMARK_BOOK": str(book)}
    report, cancelled, broken = (tmp_path / name for name in ("1.edi", "2.edi", "3.edi"))
    report.write_text(
        message(
            "D1",
            "9",
            "EQD+CN+CSQU3054383+22G1:102:5++3+5",  # 1 TEU, cancelled below
            "EQD+CN+APZU4812090+45G1:102:5++3+5",  # 2
            "EQD+CN+MSKU0000080+L5G1:102:5++6+4",  # 2.25
        )
    )
    cancelled.write_text(message("D1", "1", "EQD+CN+CSQU3054383+22G1:102:5++3+5"))
    broken.write_text(message("D2", "6", "EQD+CN+CSQU3054383+22G1:102:5++3+5"))
    paths = (
        FIXTURES / "dcsa-tnt-2.2-events.json",
        FIXTURES / "singapore-monthly-thousand-teu.csv",
        report,
        cancelled,
        broken,
    )

    with (
        worker(broker.bootstrap, tmp_path, free_port(), book=str(book)) as one,
        scraping(tmp_path, one) as url,
    ):
        first = imported(environ, *paths)
        again = imported(environ, *paths)

        def shown(name: str, **labels: str) -> float | None:
            for found, value in one.samples(name).items():
                if labels.items() <= dict(found).items():
                    return value
            return None

        until(
            "both imports are read",
            lambda: (
                shown("pipeline_events_total", topic="port.moves.raw") == 12
                and shown("pipeline_events_total", topic="zone.indicators.raw") == 168
                and shown("indicator_periods", scope="singapore") == 84
                and shown("port_throughput_ytd_moves", terminal="THE") == 2
            ),
        )
        # the second time two estimates, three reports and a cancellation are repeats
        assert shown("pipeline_repeats_total") == 6
        assert shown("port_throughput_ytd_teu", terminal="THE") == 4.25
        assert shown("port_throughput_ytd_moves", terminal="THE") == 2
        assert shown("pipeline_uncounted_total", why="not_actual") == 2
        # December 2022: 3,252.90175 thousand TEU
        assert shown("indicator_value", scope="singapore", unit="TEU") == 3_252_901.75

        expected: dict[str, float | None] = {
            'indicator_value{scope="singapore"}': 3_252_901.75,
            'indicator_periods{scope="singapore"}': 84.0,
            'pipeline_uncounted_total{why="not_actual"}': 2.0,
            'sum(port_throughput_ytd_teu{terminal="THE"})': 4.25,
        }
        becomes(
            "Prometheus has them",
            lambda: {name: query(url, name).get("") for name in expected},
            expected,
        )

        # the document of `broken` has an unknown function, which no book can correct
        retried = rejected(environ, "retry")
        assert "0 events sent again, 2 dead letters still refused" in retried.stdout
        assert "2  unknown_code" in rejected(environ, "list").stdout
        assert "EQD+CN+CSQU3054383" in rejected(environ, "show", "0").stdout

    assert (first["moves"], first["teu"]) == (2, 4.25)
    assert first["rejected"] == again["rejected"] == {"unknown_code": 1, "total": 1}
    assert first["retracted"] == 1
    assert first["sent"] == 2 + 84 + 3 + 1


def test_what_an_unknown_partner_sent_counts_once_after_a_retry(
    broker: RunningBroker, topics: Callable[..., None], environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    book = tmp_path / "book.toml"
    book.write_text((HERE / "quaymark.toml").read_text(encoding="utf-8") + PARTNER, "utf-8")
    report = tmp_path / "1.edi"
    report.write_text(message("D1", "9", "EQD+CN+APZU4812090+45G1:102:5++3+5"))

    before = imported(environ, report)
    environ |= {"QUAYMARK_BOOK": str(book)}
    first = rejected(environ, "retry", "--reason", "unknown_partner")
    second = rejected(environ, "retry", "--reason", "unknown_partner")

    assert before["rejected"] == {"unknown_partner": 1, "total": 1}
    assert first.stdout == second.stdout == "1 events sent again, 0 dead letters still refused\n"
    with worker(broker.bootstrap, tmp_path, free_port(), book=str(book)) as one:
        until(
            "both retries are read",
            lambda: one.samples("pipeline_events_total").get((("topic", "port.moves.raw"),)) == 2,
        )
        # a 40 ft box, once
        until("it counts", lambda: sum(one.samples("port_throughput_ytd_teu").values()) == 2)
        assert sum(one.samples("pipeline_repeats_total").values()) == 1


def test_a_correction_in_a_later_import_finds_its_original_in_the_raw_topic(
    broker: RunningBroker, topics: Callable[..., None], environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    book = tmp_path / "book.toml"
    book.write_text((HERE / "quaymark.toml").read_text(encoding="utf-8") + PARTNER, "utf-8")
    environ |= {"QUAYMARK_BOOK": str(book)}
    report, change, astray = (tmp_path / name for name in ("1.edi", "2.edi", "3.edi"))
    text = message("D1", "9", "EQD+CN+CSQU3054383+22G1:102:5++3+5")
    report.write_text(text)
    at = recent(1).astimezone(ZoneInfo("Asia/Shanghai"))
    # without a voyage the time is part of the id: an hour later and 40 ft instead of 20 ft
    corrected = text.replace("BGM+44+D1+9'", "BGM+44+D2+4'RFF+ACW:D1'").replace("22G1", "42G1")
    later = f"{at + timedelta(hours=1):%Y%m%d%H%M}"
    change.write_text(corrected.replace(f"{at:%Y%m%d%H%M}", later))
    astray.write_text(message("D3", "1", "EQD+CN+APZU4812090+22G1:102:5++3+5"))

    imported(environ, report)
    second = imported(environ, change)
    third = imported(environ, astray)

    assert (second["amended"], second["flagged"]) == (1, {"total": 0})
    assert (third["retracted"], third["flagged"]) == (0, {"no_original": 1, "total": 1})
    assert "nor the books hold a report of it" in third["items"][0]["message"]
    with worker(broker.bootstrap, tmp_path, free_port(), book=str(book)) as one:
        until(
            "all four events are read",  # report, change, retraction, unrelated move
            lambda: one.samples("pipeline_events_total").get((("topic", "port.moves.raw"),)) == 4,
        )
        until("it counts", lambda: sum(one.samples("port_throughput_ytd_teu").values()) == 2)
        uncounted = one.samples("pipeline_uncounted_total")
        assert uncounted.get((("why", "no_original"),)) == 1
