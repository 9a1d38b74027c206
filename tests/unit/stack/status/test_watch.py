from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from contract.book import read_book
from stack.status.exposition import Exposition
from stack.status.watch import Key, screen, sparkline, watch

ROOT = Path(__file__).parents[4]
BOOK = read_book((ROOT / "quaymark.toml").read_text(encoding="utf-8"), "quaymark.toml")
NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # noon at the port


def _target(target: str, period: str, name: str, pace: float, status: int) -> str:
    keys = f'owner="tonghai",target="{target}",period="{period}"'
    named = f'{keys},name_zh="目标",name_en="{name}",measures="m",unit="TEU",direction="at_least"'
    return (
        f"target_info{{{named}}} 1.0\n"
        f"target_pace_ratio{{{keys}}} {pace}\n"
        f"target_status_code{{{keys}}} {status}.0\n"
        f"target_goal_value{{{keys}}} 1100000.0\n"
    )


EXPOSITION = (
    _target("annual-teu", "2026", "1.1 million TEU", 0.963, 2)
    + _target("firms", "2026", "210 firms", 0.88, 3)
    + _target("annual-teu", "2025", "1.05 million TEU", 0.9, 4)
    + 'pipeline_owned_partitions{topic="port.moves.raw"} 4.0\n'
    + 'pipeline_events_total{topic="port.moves.raw"} 986000.0\n'
    + 'pipeline_lag_events{topic="port.moves.raw",partition="0"} 5.0\n'
    + 'pipeline_lag_events{topic="port.moves.raw",partition="1"} 7.0\n'
    + f'pipeline_last_received_timestamp_seconds{{topic="port.moves.raw"}} {NOW.timestamp() - 4}\n'
)


def shown(exposition: str | None) -> str:
    console = Console(width=160, color_system=None)
    samples = Exposition(exposition) if exposition else None
    past: dict[Key, list[float]] = {("tonghai", "annual-teu", "2026"): [0.9, 0.96, 1.0]}
    with console.capture() as capture:
        console.print(screen(samples, BOOK, NOW, past))
    return capture.get()


def test_targets_stand_worst_first_with_their_word_and_their_past() -> None:
    lines = shown(EXPOSITION).splitlines()

    firms, teu = (
        next(n for n, line in enumerate(lines) if name in line)
        for name in ("210 firms", "1.1 million TEU")
    )
    assert firms < teu
    assert "88.0%" in lines[firms]
    assert "critical" in lines[firms]
    assert "behind" in lines[teu]
    assert "1,100,000" in lines[teu]
    # 0.96 lies 0.6 of the way from 0.90 to 1.00: bar round(0.6 * 7) = 4, counted from 0
    assert "▁▅█" in lines[teu]


def test_a_period_that_is_over_is_left_out() -> None:
    assert "1.05 million" not in shown(EXPOSITION)


def test_what_waits_is_summed_over_partitions() -> None:
    line = next(line for line in shown(EXPOSITION).splitlines() if "port.moves.raw" in line)

    assert line.split() == ["port.moves.raw", "986,000", "12", "4", "s", "ago"]  # 5 + 7 wait


def test_a_worker_that_is_gone_is_said() -> None:
    assert "no worker answers" in shown(None)


def test_a_line_without_change_is_flat_and_without_values_empty() -> None:
    assert sparkline([1.0, 1.0]) == "▄▄"
    assert sparkline([]) == ""


def test_it_is_drawn_again_until_somebody_interrupts() -> None:
    drawn: list[int] = []
    pauses: list[float] = []

    def draw() -> Text:
        drawn.append(len(drawn))
        return Text("x")

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            raise KeyboardInterrupt

    console = Console(quiet=True)
    with pytest.raises(KeyboardInterrupt):
        watch(console, draw, pause)

    assert drawn == [0, 1, 2]
    assert pauses == [5.0, 5.0, 5.0]
