import json
from pathlib import Path

from contract.progress import SimulationProgress
from stack.processes.load_progress import GrowingLog, newest_progress

RECORD = {
    "event": "simulate.progressed",
    "day": "2026-03-04",
    "sent": 123456,
    "rate": 31000.5,
    "share": 0.41,
}


def test_whole_lines_are_read_once_and_a_cut_line_waits_for_its_end(tmp_path: Path) -> None:
    log = tmp_path / "simulate.log"
    log.write_text("of the last run\n")
    growing = GrowingLog(log)

    with log.open("a") as file:
        file.write("one\ntw")
        file.flush()
        assert growing.lines() == ["one"]
        file.write("o\n")
        file.flush()
        assert growing.lines() == ["two"]
    assert growing.lines() == []


def test_a_rotated_log_is_read_from_its_start(tmp_path: Path) -> None:
    log = tmp_path / "simulate.log"
    log.write_text("a long line before\n")
    growing = GrowingLog(log)

    log.write_text("new\n")

    assert growing.lines() == ["new"]


def test_a_log_that_is_not_there_yet_has_no_lines(tmp_path: Path) -> None:
    growing = GrowingLog(tmp_path / "none.log")

    assert growing.lines() == []
    (tmp_path / "none.log").write_text("first\n")
    assert growing.lines() == ["first"]


def test_the_newest_progress_wins_and_other_lines_are_passed_over() -> None:
    before = SimulationProgress("2026-01-01", 1, 1.0, 0.0)
    older = json.dumps({**RECORD, "sent": 5})
    lines = [older, json.dumps(RECORD), '{"event": "sender.flushed"}', "simulate.progressed?"]

    assert newest_progress(lines, before) == SimulationProgress(
        "2026-03-04", 123456, 31000.5, 0.41
    )
    assert newest_progress(["nothing"], before) is before
