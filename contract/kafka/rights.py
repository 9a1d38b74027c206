"""The least rights (Kafka's ACLs) of each user: docs, Strimzi's users and tests come from these.

READ, WRITE and DELETE bring DESCRIBE with them.  Nobody needs IDEMPOTENT_WRITE, a right on the
cluster or one on a transactional id.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct

from contract.settings import Settings
from contract.topics import (
    INDICATOR_VALUES,
    INDICATORS,
    MOVES,
    NOTES,
    PROJECT_CARDS,
    PROJECTS,
    RAW,
    READINGS,
    REJECTED,
    REPORTS,
    TARGETS,
    TERMINAL_DAYS,
    TOPICS,
    Topic,
)

GROUP = Settings().group
"""The group of the workers, and the prefix of their changelogs: QUAYMARK_WORKER_ID by default."""
RUNS = "run."
"""The prefix of the topics and groups of every run."""
CLOCK_PROBE = "quaymark.clock-probe."
"""The prefix of the topics of one record by which a broker tells its time."""
SNAPSHOTS = (TERMINAL_DAYS, PROJECT_CARDS, INDICATOR_VALUES)
WORKERS = (*RAW, *SNAPSHOTS, REJECTED)
"""The topics without which a worker can't work; it neither needs nor sees any other."""


class Operation(StrEnum):
    """What a right allows, in Kafka's words."""

    READ = "READ"
    WRITE = "WRITE"
    CREATE = "CREATE"
    DELETE = "DELETE"
    DESCRIBE = "DESCRIBE"
    DESCRIBE_CONFIGS = "DESCRIBE_CONFIGS"
    ALTER_CONFIGS = "ALTER_CONFIGS"

    @property
    def for_tool(self) -> str:
        """As kafka-acls.sh takes it: it knows `DescribeConfigs` and no `DESCRIBE_CONFIGS`."""
        return self.title().replace("_", "")


class Resource(StrEnum):
    """What a right is on."""

    TOPIC = "topic"
    GROUP = "group"


class Right(Struct, frozen=True):
    """One operation on one resource, or on all whose name begins so."""

    operation: Operation
    name: str
    resource: Resource = Resource.TOPIC
    is_prefix: bool = False

    def arguments(self) -> str:
        """Return what kafka-acls.sh is given to allow it."""
        prefixed = "--resource-pattern-type prefixed " * self.is_prefix
        return f"{prefixed}--operation {self.operation.for_tool} --{self.resource} {self.name}"

    def __str__(self) -> str:
        kind = "topic" if self.resource is Resource.TOPIC else "consumer group"
        return f"{self.operation} on {kind} {self.name}{'*' * self.is_prefix}"


class Role(Struct, frozen=True):
    """A user of Kafka: what runs as this user, and the rights without which that can't work."""

    name: str
    runs: str
    """What runs as this user, for the docs."""
    rights: tuple[Right, ...]


READ, WRITE, CREATE, DELETE = Operation.READ, Operation.WRITE, Operation.CREATE, Operation.DELETE
DESCRIBE, DESCRIBE_CONFIGS = Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS


def worker_rights(group: str, prefix: str, changelogs: Iterable[str]) -> tuple[Right, ...]:
    """Return what a worker needs on topics that are there, and on its group.

    `prefix` is that of a run's topics.
    """

    def on(topics: Iterable[Topic], *operations: Operation) -> tuple[Right, ...]:
        return _on([topic.under(prefix) for topic in topics], *operations)

    return (
        *on(RAW, READ),
        *on(SNAPSHOTS, READ, WRITE),
        *on((REJECTED,), WRITE),
        *(Right(operation, name) for name in changelogs for operation in (READ, WRITE)),
        Right(READ, group, Resource.GROUP),
    )


def _on(topics: Sequence[Topic], *operations: Operation) -> tuple[Right, ...]:
    return tuple(Right(operation, topic.name) for topic in topics for operation in operations)


def _under(prefix: str, *operations: Operation) -> tuple[Right, ...]:
    return tuple(Right(operation, prefix, is_prefix=True) for operation in operations)


ROLES = (
    Role(
        "worker",
        "the workers",
        (*worker_rights(GROUP, "", ()), *_under(f"{GROUP}-", READ, WRITE, CREATE)),
    ),
    Role(
        "producer",
        "`quaymark import`, `inbox`, `receive`, `simulate`, `targets`, `rejected`",
        (
            *_on((*RAW, REJECTED), READ, WRITE),
            *_on((MOVES, PROJECTS, INDICATORS), DESCRIBE_CONFIGS),  # import --history
        ),
    ),
    Role(
        "archive",
        "`quaymark archive`, `backup`, `books verify`",
        _on((*RAW, REJECTED, REPORTS, NOTES), READ),
    ),
    Role(
        "reports",
        "`quaymark report`, `web`, `status`, `targets show`, `books verify --snapshots`",
        (
            *_on((*SNAPSHOTS, *RAW), READ),  # an issue notes how far the raw topics reached
            *_on((REPORTS, NOTES), READ, WRITE),
        ),
    ),
    Role(
        "register",
        "`quaymark register`, `explain`, `find`, `reconcile`",
        _on((MOVES, REJECTED, TERMINAL_DAYS), READ),  # the last one for the comparison
    ),
    Role(
        "restore",
        "`quaymark restore`, into a Kafka without records",
        (
            *_on(TOPICS, CREATE, DESCRIBE),
            *_on((*RAW, REJECTED), READ, WRITE),
            *_on((REPORTS, NOTES), WRITE),
        ),
    ),
    Role(
        "history",
        "`quaymark history load`",
        (*_on((*SNAPSHOTS, TARGETS), READ), *_on((READINGS,), READ, WRITE)),
    ),
    Role(
        "topics",
        "`quaymark topics`, also with `--check` and `--mend`",
        _on(TOPICS, CREATE, DESCRIBE, DESCRIBE_CONFIGS, Operation.ALTER_CONFIGS),
    ),
    Role(
        "doctor",
        "`quaymark doctor`",
        (
            *_on((TERMINAL_DAYS, TARGETS, REJECTED), READ),
            *_on(TOPICS, DESCRIBE, DESCRIBE_CONFIGS),
            *_under(CLOCK_PROBE, CREATE, WRITE, DELETE),
        ),
    ),
    Role(
        "runs",
        "`quaymark replay`, `runs`, and the workers of runs",
        (
            *_on(RAW, READ),
            *_under(RUNS, READ, WRITE, CREATE, DELETE),
            Right(READ, RUNS, Resource.GROUP, is_prefix=True),
        ),
    ),
    Role(
        "rebuild",
        "`quaymark books rebuild`, while no worker runs",
        (
            *_on(RAW, READ),
            *_on(SNAPSHOTS, READ, CREATE, DELETE),
            *_under(f"{GROUP}-", DELETE),
            Right(READ, GROUP, Resource.GROUP),
        ),
    ),
)
"""Every role, the one that everybody needs first."""


def as_a_role_has_it(right: Right) -> Right:
    """Return the right on all names that begin so, where roles have only that; else `right`.

    A topic with such a name is gone before its own right could be given.
    """
    for role in ROLES:
        for wider in role.rights:
            if (
                wider.is_prefix
                and (wider.operation, wider.resource) == (right.operation, right.resource)
                and right.name.startswith(wider.name)
            ):
                return wider
    return right
