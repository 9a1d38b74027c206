"""Checks of topics: are they there and seen, as declared, and in enough copies?"""

from collections.abc import Iterator, Sequence

from contract.kafka.rights import WORKERS
from stack.doctor.facts import TopicFound
from stack.doctor.finding import PortFinding, Severity

MAKE_TOPICS = "quaymark topics"
MEND_TOPICS = "quaymark topics --mend"
RETENTION = ("retention.ms", "retention.bytes")
AHEAD = "message.timestamp.after.max.ms"
INSYNC, UNCLEAN = "min.insync.replicas", "unclean.leader.election.enable"
HOUR_MS = 3_600_000
DAY_MS = 86_400_000


def topic_findings(topics: Sequence[TopicFound]) -> Iterator[PortFinding]:
    """Yield how topics differ from what they should be."""
    for one in topics:
        if one.hidden:
            yield _finding(one, "hidden", "is not shown to this user", one.hidden)
        elif one.partitions is None:
            waits = ": the worker waits for it" if one.declared in WORKERS else ""
            yield _finding(one, "missing", f"is not there{waits}", MAKE_TOPICS)
        else:
            yield from _partitions(one)
            yield from _settings(one)
            yield from _retention(one)
            yield from _future(one)
            yield from _copies(one)


def _partitions(one: TopicFound) -> Iterator[PortFinding]:
    name, wanted = one.declared.name, one.declared.partitions
    if one.partitions != wanted:
        yield _finding(
            one,
            "partitions",
            f"has {one.partitions} partitions, expected {wanted}: keys meet other books",
            f"quaymark archive DIR; delete {name}; quaymark topics; quaymark books rebuild "
            "--archive DIR",
        )


def _retention(one: TopicFound) -> Iterator[PortFinding]:
    wanted = one.declared.config.get("retention.ms", "-1")
    found = one.settings.get("retention.ms", wanted)
    limited = one.settings.get("retention.bytes", "-1") != "-1"
    if one.declared.is_compacted or (found == wanted and not limited):
        return
    kept = f"for {int(found) / DAY_MS:g} days" if found != "-1" else "for ever"
    if limited:
        kept += f" and up to {one.settings['retention.bytes']} bytes"
    yield _finding(
        one,
        "retention",
        f"keeps records {kept}; what it deletes, no rebuild, replay or archive can bring back",
        MEND_TOPICS,
    )


def _settings(one: TopicFound) -> Iterator[PortFinding]:
    differing = [
        f"{name} is {one.settings[name]}, expected {wanted}"
        for name, wanted in one.declared.config.items()
        if name not in RETENTION and one.settings.get(name, wanted) != wanted
    ]
    elsewhere = (*RETENTION, AHEAD, INSYNC, UNCLEAN)
    differing += [
        f"{name} is {value}, expected the broker's default"
        for name, value in one.given.items()
        if name not in (*elsewhere, *one.declared.config)
    ]
    if differing:
        yield _finding(one, "settings", "; ".join(differing), MEND_TOPICS)


def _future(one: TopicFound) -> Iterator[PortFinding]:
    ahead = one.settings.get(AHEAD)
    if ahead is not None and int(ahead) != HOUR_MS:
        yield _finding(
            one,
            "future",
            f"{AHEAD} is {ahead}, expected {HOUR_MS}: Kafka is older than 4.0, or was told to "
            "take records from the future",
            f"{MEND_TOPICS}, or update Kafka",
            Severity.WARNING,
        )


def _copies(one: TopicFound) -> Iterator[PortFinding]:
    """Yield what a broker that fails would cost: a stop, or records."""
    name, copies = one.declared.name, one.copies
    insync = int(one.settings.get(INSYNC, "0"))
    if copies is None:
        return
    if copies < one.wanted_copies:
        yield _finding(
            one,
            "copies",
            f"has {_number(copies)}, expected {one.wanted_copies}: a broker that fails takes the "
            "topic, or its records, with it",
            f"kafka-reassign-partitions.sh gives {name} more; default.replication.factor="
            f"{one.wanted_copies} on the brokers, or QUAYMARK_KAFKA_REPLICATION_FACTOR, gives "
            "them to new topics",
        )
    if insync > copies:
        yield _finding(
            one,
            "insync",
            f"{INSYNC} is {insync}, but there is only {_number(copies)}: no record is ever safe "
            "in more",
            f"give {name} {insync + 1} copies, or: {_configs(name, f'{INSYNC}={copies}')}",
        )
    elif insync == copies > 1:
        yield _finding(
            one,
            "insync",
            f"{INSYNC} is {insync} of {_number(copies)}: one broker away stops all writing",
            _configs(name, f"{INSYNC}={copies - 1}"),
        )
    elif insync == 1 and copies > 2:
        yield _finding(
            one,
            "insync",
            f"{INSYNC} is 1 of {_number(copies)}: a record counts as kept when one broker has it",
            _configs(name, f"{INSYNC}=2"),
        )
    if one.settings.get(UNCLEAN) == "true":
        yield _finding(
            one,
            "unclean",
            f"{UNCLEAN} is true: a broker that lacks records may take over, and they are gone",
            _configs(name, f"{UNCLEAN}=false"),
        )


def _number(copies: int) -> str:
    return f"{copies} cop{'y' if copies == 1 else 'ies'}"


def _configs(name: str, setting: str) -> str:
    return f"kafka-configs.sh --alter --topic {name} --add-config {setting}"


def _finding(
    one: TopicFound, check: str, what: str, mend: str, severity: Severity = Severity.ERROR
) -> PortFinding:
    return PortFinding(severity, f"topic_{check}", f"topic {one.declared.name}", what, mend)
