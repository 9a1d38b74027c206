import pytest

from stack.service.service_status import ServiceStatus

RUNS = {
    "LoadState": "loaded",
    "ActiveState": "active",
    "SubState": "running",
    "UnitFileState": "enabled",
    "StatusText": "runs",
    "NRestarts": "2",
    "StateChangeTimestamp": "Sun 2026-11-29 01:00:00 UTC",
    "MemoryCurrent": "1500000000",
}


def test_a_service_that_runs_says_since_when_how_often_and_how_much() -> None:
    status = ServiceStatus("q.service", RUNS)

    assert list(status.lines()) == [
        "q.service: runs, since Sun 2026-11-29 01:00:00 UTC",
        "  it says: runs",
        "  systemd started it again 2 times",
        "  memory: 1,500 MB",
    ]
    assert status.is_installed
    assert status.runs
    assert not status.failed


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ActiveState": "activating", "SubState": "start"}, "is starting"),
        ({"ActiveState": "activating", "SubState": "auto-restart"}, "(exit-code, exit 1), and is"),
        ({"ActiveState": "deactivating"}, "is stopping"),
        ({"ActiveState": "failed"}, "failed (exit-code, exit 1)"),
        ({"ActiveState": "inactive"}, "is stopped"),
        ({"UnitFileState": "disabled"}, "does not start with the machine (disabled)"),
    ],
)
def test_each_state_is_said_in_words(change: dict[str, str], said: str) -> None:
    shown = {**RUNS, "Result": "exit-code", "ExecMainStatus": "1", **change}

    assert said in "\n".join(ServiceStatus("q.service", shown).lines())


def test_memory_that_systemd_does_not_count_is_not_shown() -> None:
    for unknown in (str((1 << 64) - 1), "[not set]", ""):
        lines = ServiceStatus("q.service", {**RUNS, "MemoryCurrent": unknown}).lines()
        assert not [line for line in lines if "memory" in line]
