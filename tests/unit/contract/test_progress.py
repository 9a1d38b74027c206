"""What a producer writes into its log is what the supervisor reads there."""

import json
from pathlib import Path

import pytest
import structlog

from contract.progress import SimulationProgress, log_record, progress_in_log

PROGRESS = SimulationProgress("2026-03-04", 123456, 31000, 0.41)


def test_the_record_in_the_log_has_these_names() -> None:
    assert log_record(PROGRESS) == {
        "event": "simulate.progressed",
        "day": "2026-03-04",
        "sent": 123456,
        "rate": 31000,
        "share": 0.41,
    }


def test_a_progress_that_was_logged_as_json_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "simulate.log"
    with path.open("w") as file:
        log = structlog.wrap_logger(
            structlog.PrintLogger(file),
            processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()],
        )
        log.info(**log_record(PROGRESS))

    assert progress_in_log(path.read_text()) == PROGRESS


@pytest.mark.parametrize(
    "line",
    [
        json.dumps({**log_record(PROGRESS), "event": "replay.progressed"}),
        json.dumps({"event": "simulate.progressed", "day": "2026-03-04"}),
        json.dumps(log_record(PROGRESS))[:40],
        "simulate.progressed",
        "",
    ],
    ids=["another record", "a field is missing", "cut by rotation", "no JSON", "empty"],
)
def test_any_other_line_has_no_progress(line: str) -> None:
    assert progress_in_log(line) is None
