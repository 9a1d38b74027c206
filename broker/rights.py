"""What a broker says of a right that its user lacks, by the name of the right and the resource."""

from collections.abc import Collection

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
)

__all__ = ["NOT_SEEN", "missing_right"]

NOT_SEEN = "or this user may not see it (it needs DESCRIBE)"
"""What a topic that is not there may also be: Kafka hides what a user may not describe."""


def missing_right(error: BaseException | None, right: str, topic: str = "") -> str | None:
    """Return which right a user lacks; None if the error is of another kind.

    `right` is what was being used, READ or WRITE say, and `topic` of what, where aiokafka's error
    does not name it.
    """
    match error:
        case TopicAuthorizationFailedError():
            resource = f"topic {_names(error.args) or topic or '(one of them)'}"
        case GroupAuthorizationFailedError():
            right, resource = "READ", f"consumer group {_names(error.args)}".rstrip()
        case ClusterAuthorizationFailedError():  # of an idempotent producer as it starts
            right, resource = "WRITE", f"topic {topic}" if topic else "any topic"
        case _:
            return None
    return f"this user lacks the right {right} on {resource}; who runs Kafka can allow it"


def _names(arguments: tuple[object, ...]) -> str:
    match arguments:
        case (str(name), *_):
            return name
        case (names, *_) if isinstance(names, Collection):
            return ", ".join(sorted(map(str, names)))
    return ""
