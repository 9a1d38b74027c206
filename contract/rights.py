"""The least rights (Kafka's ACLs) that each role needs; docs and tests are made from these.

READ and WRITE bring DESCRIBE with them.  Nobody needs IDEMPOTENT_WRITE, a right on the cluster or
on a transactional id.
"""

from enum import StrEnum

from msgspec import Struct

from contract.settings import Settings
from contract.topics import (
    INDICATOR_VALUES,
    MOVES,
    PROJECT_CARDS,
    RAW,
    READINGS,
    REJECTED,
    TARGETS,
    TERMINAL_DAYS,
    TOPICS,
    Topic,
)

GROUP = Settings().group
RUNS = "run."
"""The prefix of the topics and groups of every run."""
SNAPSHOTS = (TERMINAL_DAYS, PROJECT_CARDS, INDICATOR_VALUES)


class Operation(StrEnum):
    """What a right allows, in Kafka's words."""

    READ = "READ"
    WRITE = "WRITE"
    CREATE = "CREATE"
    DELETE = "DELETE"
    DESCRIBE = "DESCRIBE"
    DESCRIBE_CONFIGS = "DESCRIBE_CONFIGS"


class ResourceType(StrEnum):
    """What a right is on."""

    TOPIC = "topic"
    GROUP = "group"


class Pattern(StrEnum):
    """How a right names what it is on."""

    LITERAL = "literal"
    PREFIXED = "prefix"


class Right(Struct, frozen=True):
    """Operations on resources of one type."""

    operations: tuple[Operation, ...]
    names: tuple[str, ...]
    type: ResourceType = ResourceType.TOPIC
    pattern: Pattern = Pattern.LITERAL


class Role(Struct, frozen=True):
    """A user of Kafka: who it is, and the rights without which it cannot work."""

    name: str
    runs: str
    """What runs as this user, for the docs."""
    rights: tuple[Right, ...]


READ, WRITE, CREATE, DELETE = Operation.READ, Operation.WRITE, Operation.CREATE, Operation.DELETE
DESCRIBE = Operation.DESCRIBE


def _on(topics: tuple[Topic, ...], *operations: Operation) -> Right:
    return Right(operations, tuple(topic.name for topic in topics))


def _under(prefix: str, *operations: Operation) -> Right:
    return Right(operations, (prefix,), pattern=Pattern.PREFIXED)


ROLES = (
    Role(
        "worker",
        "the workers",
        (
            _on(RAW, READ),
            _on(SNAPSHOTS, READ, WRITE),
            _on((REJECTED,), WRITE),
            _on((READINGS,), DESCRIBE),
            _under(f"{GROUP}-", READ, WRITE, CREATE),
            Right((READ,), (GROUP,), ResourceType.GROUP),
        ),
    ),
    Role(
        "producer",
        "`quaymark import`, `targets`, `simulate`, and producers of your own",
        (_on(RAW, READ, WRITE), _on((REJECTED,), READ, WRITE)),
    ),
    Role(
        "archive",
        "`quaymark archive`, `books verify`",
        (_on(RAW, READ), _on((REJECTED,), READ)),
    ),
    Role(
        "topics",
        "`quaymark topics`; with `--check` also DESCRIBE_CONFIGS",
        (_on(TOPICS, CREATE, DESCRIBE, Operation.DESCRIBE_CONFIGS),),
    ),
    Role(
        "runs",
        "`quaymark replay`, `runs`",
        (
            _on(RAW, READ),
            _under(RUNS, READ, WRITE, CREATE, DELETE),
            Right((READ,), (RUNS,), ResourceType.GROUP, Pattern.PREFIXED),
        ),
    ),
    Role(
        "history",
        "`quaymark history load`",
        (_on((*SNAPSHOTS, MOVES, TARGETS), READ), _on((READINGS,), READ, WRITE)),
    ),
    Role(
        "rebuild",
        "`quaymark books rebuild`, while no worker runs",
        (
            _on(RAW, READ),
            _on(SNAPSHOTS, READ, CREATE, DELETE),
            _under(f"{GROUP}-", DESCRIBE, DELETE),
            Right((READ, DELETE), (GROUP,), ResourceType.GROUP),
        ),
    ),
)
"""Every role; the worker's group and changelogs bear the default of QUAYMARK_WORKER_ID."""
