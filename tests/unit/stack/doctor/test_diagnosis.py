"""Each planted fault is named by its own check, and a port without a fault by none."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from contract.events import Label, Target
from contract.topics import MOVES, NOTES, TOPICS
from stack.doctor.day_gaps import day_gaps
from stack.doctor.diagnosis import CHECKS, Verdict, findings, verdict
from stack.doctor.facts import (
    BackupFound,
    Facts,
    OtherVersion,
    PrometheusFound,
    TerminalBooks,
    TopicFound,
    WorkerFound,
)
from stack.doctor.finding import Severity
from stack.processes.tcp_ports import PortClaim

TODAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 25, 4, tzinfo=UTC)
YEAR = tuple(date(2026, 1, 1) + timedelta(n) for n in range(328))  # to 24 November
TARGET = Target(
    "tonghai",
    "teu",
    Label("吞吐量", "Throughput"),
    "port_throughput_ytd_teu",
    "2026",
    Decimal(1_000_000),
    monthly=(0.0833,) * 11 + (0.0837,),
)
EAST = TerminalBooks("tonghai", "THE", YEAR, handled=10_000)
CENTRAL = TerminalBooks("tonghai", "THC", YEAR, handled=10_000)

WELL = Facts(
    now=NOW,
    today=TODAY,
    folder=Path("port"),
    areas=("tonghai",),
    kafka="127.0.0.1:9092",
    terminals=(EAST, CENTRAL),
    in_effect=(TARGET,),
    wanted=(TARGET,),
    topics=tuple(
        TopicFound(
            topic,
            topic.partitions,
            {**topic.config, "message.timestamp.after.max.ms": "3600000", "retention.bytes": "-1"},
        )
        for topic in TOPICS
    ),
    clock_ahead_seconds=0.01,
    letters={},
    worker=WorkerFound("http://127.0.0.1:6066/metrics", answers=True, lag_events=0),
    prometheus=PrometheusFound(
        "http://127.0.0.1:9090", True, (2, 42), True, kept_for="100y", keeps_years=True
    ),
    alertmanager="http://127.0.0.1:9093",
    free_bytes=50_000_000_000,
    backup=BackupFound("/backup/port", NOW - timedelta(hours=2)),
)


def terminal(books: TerminalBooks) -> dict[str, Any]:
    return {"terminals": (EAST, books)}


def without(*days: date) -> TerminalBooks:
    """THC without moves on some days."""
    return replace(CENTRAL, days=tuple(day for day in YEAR if day not in days))


def moves_topic(partitions: int | None = 4, **settings: str) -> dict[str, Any]:
    """The moves topic with other settings; `_` in a name stands for a dot."""
    changed = {name.replace("_", "."): value for name, value in settings.items()}
    return {
        "topics": tuple(
            replace(one, partitions=partitions, settings={**one.settings, **changed})
            if one.declared is MOVES
            else one
            for one in WELL.topics or ()
        )
    }


def moves_copies(copies: int, *, wanted: int = 3, **settings: str) -> dict[str, Any]:
    """The moves topic in some copies, with settings beside the contract's."""
    changed = moves_topic(4, **settings)["topics"]
    return {
        "topics": tuple(
            replace(one, copies=copies, wanted_copies=wanted) if one.declared is MOVES else one
            for one in changed
        )
    }


def hidden_topic(line: str) -> dict[str, Any]:
    """A moves topic that the user may not see."""
    return {"topics": (TopicFound(MOVES, hidden=line), *(WELL.topics or ())[1:])}


def prometheus(**changed: Any) -> dict[str, Any]:
    assert WELL.prometheus is not None
    return {"prometheus": replace(WELL.prometheus, **changed)}


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "days_missing": (terminal(without(date(2026, 3, 3), date(2026, 5, 5))), "2026-03-03"),
    "terminal_silent": (terminal(replace(CENTRAL, days=YEAR[:-10])), "since 2026-11-15"),
    "terminal_empty": (terminal(TerminalBooks("tonghai", "THC")), "no move in the books"),
    # 1 January and 5 February lie 35 days apart, more than the month that is allowed
    "terminal_late": (terminal(replace(CENTRAL, days=YEAR[35:])), "begin on 2026-02-05"),
    # 120 of 10,000 are 1.2 %
    "sizes_unknown": (terminal(replace(CENTRAL, unsized=120)), "1.2% .*120 of 10,000"),
    "target_missing": ({"in_effect": (), "wanted": ()}, "no target of port_throughput"),
    "targets_not_in_effect": ({"wanted": (replace(TARGET, value=Decimal(2)),)}, "1 targets"),
    "plan_missing": (
        {"in_effect": (replace(TARGET, monthly=()),), "wanted": (replace(TARGET, monthly=()),)},
        "no plan by month",
    ),
    "clock": ({"clock_ahead_seconds": -30.0}, "30 s behind"),
    "disk": ({"free_bytes": 1_500_000_000}, "1.5 GB are free"),
    # a week, Kafka's default
    "topic_retention": (moves_topic(retention_ms="604800000"), "for 7 days"),
    "topic_settings": (moves_topic(cleanup_policy="compact"), "cleanup.policy is compact"),
    "topic_future": (moves_topic(message_timestamp_after_max_ms="9"), "older than 4.0"),
    "topic_missing": (moves_topic(None), "not there: the worker waits for it"),
    "topic_hidden": (hidden_topic("user a lacks DESCRIBE"), "not shown to this user"),
    "topic_copies": (moves_copies(1), "has 1 copy, expected 3"),
    "topic_insync": (moves_copies(3, min_insync_replicas="1"), "is 1 of 3 copies"),
    "topic_unclean": (
        moves_copies(3, unclean_leader_election_enable="true"),
        "lacks records may take over",
    ),
    "topic_partitions": (moves_topic(1), "has 1 partitions, expected 4"),
    "port_taken": (
        {"ports_taken": (PortClaim(9090, "prometheus", "QUAYMARK_PROMETHEUS_PORT"),)},
        "prometheus can't start",
    ),
    "version": (
        {"other_versions": (OtherVersion("aiokafka", "0.14.0", "0.13.0"),)},
        "0.13.0 is installed, this release needs 0.14.0",
    ),
    "changelog_version": ({"books_of_before": ("ids-are-hashed-anew",)}, "another release"),
    "dead_letters": ({"letters": {"unknown_terminal": 3, "too_old": 1}}, "4 events .*too_old 1"),
    "worker_absent": ({"worker": WorkerFound("x", answers=False)}, "no worker answers"),
    "worker_behind": ({"worker": WorkerFound("x", True, 20_000)}, "20,000 events behind"),
    "prometheus_absent": (prometheus(answers=False), "no Prometheus answers"),
    "prometheus_not_scraping": (prometheus(scrapes=False), "reads no worker"),
    "prometheus_retention": (prometheus(keeps_years=False, kept_for="15d"), "for 15d"),
    "alertmanager_absent": ({"alertmanager": None}, "reach nobody"),
    "backup_old": (
        {"backup": BackupFound("/backup/port", NOW - timedelta(days=9))},
        "9 days old .2026-11-16.",
    ),
    "backup_missing": ({"backup": BackupFound("/backup/port")}, "no whole backup"),
    "kafka_absent": ({"kafka_answers": False}, "no Kafka answers"),
}


@pytest.mark.parametrize(
    ("copies", "insync", "what", "mend"),
    [
        (1, "2", "min.insync.replicas is 2, but there is only 1 copy", "min.insync.replicas=1"),
        (3, "3", "is 3 of 3 copies: one broker away stops all", "min.insync.replicas=2"),
        (2, "2", "is 2 of 2 copies: one broker away stops all", "min.insync.replicas=1"),
    ],
)
def test_copies_that_a_write_needs_fit_the_copies_that_there_are(
    copies: int, insync: str, what: str, mend: str
) -> None:
    changed = moves_copies(copies, wanted=copies, min_insync_replicas=insync)

    [found] = findings(replace(WELL, **changed))

    assert (found.check, found.where) == ("topic_insync", "topic port.moves.raw")
    assert what in found.what
    assert found.mend.endswith(f"--add-config {mend}")


@pytest.mark.parametrize(("copies", "insync"), [(1, "1"), (2, "1"), (3, "2"), (5, "3")])
def test_copies_with_which_one_broker_may_fail_are_well(copies: int, insync: str) -> None:
    changed = moves_copies(copies, wanted=min(copies, 3), min_insync_replicas=insync)

    assert not findings(replace(WELL, **changed))


def test_a_port_without_a_fault_has_no_finding() -> None:
    assert findings(WELL) == []
    assert verdict(WELL, []) is Verdict.WELL


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_named_by_its_check_alone(name: str) -> None:
    changed, words = FAULTS[name]
    facts = replace(WELL, **changed)

    [found] = findings(facts)

    assert found.check == name
    assert found.where
    assert found.mend
    assert re.search(words, found.what)
    assert verdict(facts, [found]) is Verdict.FINDINGS


def test_ten_faults_at_once_are_named_by_all_ten_the_worst_first() -> None:
    planted = (
        *("days_missing", "target_missing", "clock", "disk", "topic_retention", "port_taken"),
        *("dead_letters", "worker_absent", "prometheus_not_scraping", "backup_old"),
    )
    changed: dict[str, Any] = {}
    for name in planted:
        changed |= FAULTS[name][0]

    found = findings(replace(WELL, **changed))

    assert {one.check for one in found} == set(planted)
    order = [list(Severity).index(one.severity) for one in found]
    assert order == sorted(order)


def test_what_could_not_be_looked_at_comes_before_what_was_found() -> None:
    facts = replace(
        WELL, kafka_answers=False, terminals=None, in_effect=None, topics=None, letters=None,
        clock_ahead_seconds=None, not_seen=("Kafka",),
    )  # fmt: skip

    found = findings(facts)

    assert [one.check for one in found] == ["kafka_absent"]
    assert verdict(facts, found) is Verdict.NOT_SEEN
    assert verdict(facts, []) is Verdict.NOT_SEEN


def days(begin: date, *apart: int) -> list[date]:
    found = [begin]
    for days_later in apart:
        found.append(found[-1] + timedelta(days_later))
    return found


@pytest.mark.parametrize(
    ("worked", "closed", "expected"),
    [
        # daily but for the 5th, up to yesterday, 10 January
        (days(date(2026, 1, 1), 1, 1, 1, 2, 1, 1, 1, 1), (), ["2026-01-05"]),
        # the same, and nobody works on the 5th
        (days(date(2026, 1, 1), 1, 1, 1, 2, 1, 1, 1, 1), (date(2026, 1, 5),), []),
        # daily to the 7th: silent on the 8th, 9th and 10th
        (days(date(2026, 1, 1), 1, 1, 1, 1, 1, 1), (), ["2026-01-08 to 2026-01-10"]),
        ([], (), []),
    ],
)
def test_a_day_without_moves_is_a_gap_of_a_terminal_that_works_daily(
    worked: list[date], closed: tuple[date, ...], expected: list[str]
) -> None:
    assert [str(gap) for gap in day_gaps(worked, closed, date(2026, 1, 11))] == expected


def test_a_terminal_that_rests_on_sundays_or_has_a_ship_a_week_has_no_gap() -> None:
    begin = date(2026, 1, 5)  # a Monday
    six_days = days(begin, *((1,) * 5 + (2,)) * 20)
    weekly = days(begin, *(7,) * 20)
    # nine of ten intervals are 7 days; half as much again is 10.5, so a ship 10 days later is none
    a_late_ship = days(begin, *(7,) * 19, 10)
    two_missing = days(begin, *(7,) * 19, 21)

    for worked in (six_days, weekly, a_late_ship):
        assert day_gaps(worked, (), worked[-1] + timedelta(1)) == []
    [gap] = day_gaps(two_missing, (), two_missing[-1] + timedelta(1))
    assert gap.days == 20


def test_every_check_names_what_the_others_do_not() -> None:
    named: dict[str, set[Callable[..., Any]]] = {}
    for changed, _ in FAULTS.values():
        facts = replace(WELL, **changed)
        for check in CHECKS:
            for one in check(facts):
                named.setdefault(one.check, set()).add(check)

    assert set(named) == set(FAULTS)
    # no check is without a planted fault that makes it speak
    assert set().union(*named.values()) == set(CHECKS)


def test_no_worker_waits_for_a_topic_of_reports_that_is_missing() -> None:
    without = tuple(
        replace(one, partitions=None) if one.declared is NOTES else one
        for one in WELL.topics or ()
    )

    [found] = [one for one in findings(replace(WELL, topics=without)) if "missing" in one.check]

    assert found.what == "is not there"
