"""Checks of Kafka: is it there, with the declared topics, the right clock, no dead letters?"""

from collections.abc import Iterator

from stack.doctor.facts import Facts
from stack.doctor.finding import PortFinding, Severity

CLOCK_SECONDS = 5.0  # a scrape interval: charts of two machines would be one point apart
CLOCK_ERROR_SECONDS = 600.0
MEND_TOPICS = "quaymark topics --mend"
RETENTION = ("retention.ms", "retention.bytes")
AHEAD = "message.timestamp.after.max.ms"
HOUR_MS = 3_600_000
DAY_MS = 86_400_000


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


def topics_missing(facts: Facts) -> Iterator[PortFinding]:
    """Yield the topics that are not there, or have another number of partitions."""
    for one in facts.topics or ():
        name, wanted = one.declared.name, one.declared.partitions
        if one.partitions is None:
            yield PortFinding(
                Severity.ERROR,
                "topic_missing",
                f"topic {name}",
                "is not there: the worker waits for it",
                "quaymark topics",
            )
        elif one.partitions != wanted:
            yield PortFinding(
                Severity.ERROR,
                "topic_partitions",
                f"topic {name}",
                f"has {one.partitions} partitions, expected {wanted}: keys meet other books",
                f"quaymark archive DIR; delete {name}; quaymark topics; quaymark books rebuild "
                "--archive DIR",
            )


def retention(facts: Facts) -> Iterator[PortFinding]:
    """Yield the topics that Kafka deletes records of too early."""
    for one in facts.topics or ():
        wanted = one.declared.config.get("retention.ms", "-1")
        found = one.settings.get("retention.ms", wanted)
        limited = one.settings.get("retention.bytes", "-1") != "-1"
        if one.declared.is_compacted or (found == wanted and not limited):
            continue
        kept = f"for {int(found) / DAY_MS:g} days" if found != "-1" else "for ever"
        if limited:
            kept += f" and up to {one.settings['retention.bytes']} bytes"
        yield PortFinding(
            Severity.ERROR,
            "topic_retention",
            f"topic {one.declared.name}",
            f"keeps records {kept}; what it deletes, no rebuild, replay or archive can bring back",
            MEND_TOPICS,
        )


def topic_settings(facts: Facts) -> Iterator[PortFinding]:
    """Yield the topics whose other settings differ from those of contract/topics.py."""
    for one in facts.topics or ():
        differing = [
            f"{name} is {one.settings[name]}, expected {wanted}"
            for name, wanted in one.declared.config.items()
            if name not in RETENTION and one.settings.get(name, wanted) != wanted
        ]
        differing += [
            f"{name} is {value}, expected the broker's default"
            for name, value in one.given.items()
            if name not in (*RETENTION, AHEAD, *one.declared.config)
        ]
        if differing:
            yield PortFinding(
                Severity.ERROR,
                "topic_settings",
                f"topic {one.declared.name}",
                "; ".join(differing),
                MEND_TOPICS,
            )
        ahead = one.settings.get(AHEAD)
        if ahead is not None and int(ahead) != HOUR_MS:
            yield PortFinding(
                Severity.WARNING,
                "topic_future",
                f"topic {one.declared.name}",
                f"{AHEAD} is {ahead}, expected {HOUR_MS}: Kafka is older than 4.0, or was told to "
                "take records from the future",
                f"{MEND_TOPICS}, or update Kafka",
            )


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
