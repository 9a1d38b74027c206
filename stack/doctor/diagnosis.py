"""All checks over the facts, and their findings in the order in which to mend them."""

from collections.abc import Callable, Iterator
from enum import IntEnum

from stack.doctor import book_checks, broker_checks, machine_checks
from stack.doctor.facts import Facts
from stack.doctor.finding import PortFinding, Severity

Check = Callable[[Facts], Iterator[PortFinding]]

CHECKS: tuple[Check, ...] = (
    broker_checks.kafka_absent,
    machine_checks.ports,
    machine_checks.versions,
    machine_checks.disk,
    broker_checks.topics,
    broker_checks.clocks,
    machine_checks.worker,
    machine_checks.prometheus,
    machine_checks.alertmanager,
    book_checks.empty_terminals,
    book_checks.days_without_moves,
    book_checks.late_terminals,
    book_checks.unknown_sizes,
    book_checks.targets_missing,
    book_checks.plans_missing,
    broker_checks.letters_waiting,
    machine_checks.backup,
)
"""Every check, from what all else needs to what makes it better."""


class Verdict(IntEnum):
    """The exit code of `quaymark doctor`."""

    WELL = 0
    FINDINGS = 1
    NOT_SEEN = 2


def findings(facts: Facts) -> list[PortFinding]:
    """Return what the checks find, the worst first, and of equals in the order of the checks."""
    found = [one for check in CHECKS for one in check(facts)]
    return sorted(found, key=lambda one: list(Severity).index(one.severity))


def verdict(facts: Facts, found: list[PortFinding]) -> Verdict:
    """Return the exit code: what could not be looked at comes before what was found."""
    if facts.not_seen:
        return Verdict.NOT_SEEN
    return Verdict.FINDINGS if found else Verdict.WELL
