"""Checks of Kafka: is it there, with the declared topics, the right clock, no dead letters?"""

from collections.abc import Iterator

from stack.doctor.facts import Facts
from stack.doctor.finding import PortFinding, Severity
from stack.doctor.topic_checks import topic_findings

CLOCK_SECONDS = 5.0  # a scrape interval: charts of two machines would be one point apart
CLOCK_ERROR_SECONDS = 600.0


def kafka_absent(facts: Facts) -> Iterator[PortFinding]:
    """Yield that no Kafka answers."""
    if not facts.kafka_answers:
        yield PortFinding(
            Severity.ERROR,
            "kafka_absent",
            facts.kafka,
            "no Kafka answers: no event is taken, and the books could not be looked at",
            "quaymark up, or set QUAYMARK_KAFKA to its address",
        )


def topics(facts: Facts) -> Iterator[PortFinding]:
    """Yield how the topics differ from what they should be."""
    yield from topic_findings(facts.topics or ())


def clocks(facts: Facts) -> Iterator[PortFinding]:
    """Yield that this machine's clock and the broker's differ."""
    ahead = facts.clock_ahead_seconds
    if ahead is not None and abs(ahead) > CLOCK_SECONDS:
        yield PortFinding(
            Severity.ERROR if abs(ahead) > CLOCK_ERROR_SECONDS else Severity.WARNING,
            "clock",
            f"this machine and {facts.kafka}",
            f"this machine's clock is {abs(ahead):,.0f} s {'ahead of' if ahead > 0 else 'behind'} "
            "the broker's: events are late or in the future, days end at different moments",
            "timedatectl set-ntp true, on both machines",
        )


def letters_waiting(facts: Facts) -> Iterator[PortFinding]:
    """Yield that events were refused in the last days."""
    waiting = {reason: n for reason, n in (facts.letters or {}).items() if n}
    if waiting:
        by_reason = ", ".join(f"{reason} {number:,}" for reason, number in sorted(waiting.items()))
        yield PortFinding(
            Severity.WARNING,
            "dead_letters",
            "topic port.rejected",
            f"{sum(waiting.values()):,} events of the last 30 days are refused: {by_reason}",
            "quaymark rejected list; mend quaymark.toml or the files; quaymark rejected retry",
        )
