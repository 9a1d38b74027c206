from audit.totals import TotalKind, TotalName
from stack.books.shown_totals import combined_totals

WORKER = """\
pipeline_ready 1.0
pipeline_owned_partitions{topic="port.moves.raw"} 2.0
pipeline_owned_partitions{topic="port.terminal-day.snapshot"} 1.0
pipeline_lag_events{topic="port.moves.raw",partition="0"} 0.0
"""
SHOWS = """\
port_throughput_ytd_teu{port_area="tonghai",year="2026",terminal="THE"} 12.29
port_throughput_ytd_moves{port_area="tonghai",year="2026",terminal="THE"} 7.0
port_throughput_unsized_moves{port_area="tonghai",year="2026",terminal="THE"} 1.0
port_throughput_gate_moves{port_area="tonghai",year="2026",terminal="THE",direction="in"} 3.0
port_throughput_ytd_class_teu{port_area="tonghai",year="2026",terminal="THE",move="load",\
fill="laden",size="20",kind="normal"} 12.29
"""


def test_two_workers_that_hold_all_partitions_show_the_totals_together() -> None:
    shown = combined_totals({"a:1": WORKER + SHOWS, "b:2": WORKER})

    at = "tonghai", "THE", 2026
    assert shown.unsettled == ""
    assert shown.totals == {
        TotalName(TotalKind.TEU, *at): 1229,  # 12.29 is not exact in binary, its hundredths are
        TotalName(TotalKind.MOVES, *at): 7,
        TotalName(TotalKind.UNSIZED, *at): 1,
        TotalName(TotalKind.GATE, *at, ("in",)): 3,
        TotalName(TotalKind.CLASS_TEU, *at, ("load", "laden", "20", "normal")): 1229,
    }


def test_one_of_two_workers_alone_is_not_all_of_it() -> None:
    assert "2 of 4 partitions of port.moves.raw" in combined_totals({"a:1": WORKER}).unsettled


def test_a_worker_that_lags_recovers_or_is_away_is_waited_for() -> None:
    lagging = WORKER.replace('partition="0"} 0.0', 'partition="0"} 5.0')
    recovering = WORKER.replace("pipeline_ready 1.0", "pipeline_ready 0.0")

    assert combined_totals({"a:1": WORKER, "b:2": lagging}).unsettled == "5 events wait to be read"
    assert (
        "b:2 is still recovering" in combined_totals({"a:1": WORKER, "b:2": recovering}).unsettled
    )
    assert combined_totals({"a:1": WORKER, "b:2": None}).unsettled == "no worker answers at b:2"
