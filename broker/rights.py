"""What is said of a right that a user lacks: who, which right, on what, and what to do."""

from collections.abc import Collection, Sequence

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
)

from contract.kafka.rights import Operation, Resource, Right, as_a_role_has_it
from contract.kafka.security import KafkaSecurity

__all__ = ["lack", "missing_right"]

PAGE = "docs/kafka-rights.md lists what each user needs"


def lack(security: KafkaSecurity, *rights: Right) -> str:
    """Return the line for rights that the user lacks; of one it has the command that gives it."""
    who = f"{_user(security)} lacks the right {', '.join(map(str, rights))}"
    if len(rights) > 1:
        return f"{who}; who runs Kafka can give them ({PAGE})"
    [right] = rights
    principal = f"User:{security.sasl_username or '…'}"
    return (
        f"{who}; who runs Kafka can give it: kafka-acls.sh --add --allow-principal {principal} "
        f"{as_a_role_has_it(right).arguments()} ({PAGE})"
    )


def missing_right(
    error: BaseException | None,
    security: KafkaSecurity,
    operation: Operation,
    topic: str = "",
) -> str | None:
    """Return the line for a right that a user lacks; None if the error is of another kind.

    `operation` is what was being done, and `topic` to what, where the error does not name it.
    """
    match error:
        case TopicAuthorizationFailedError():
            rights = [Right(operation, name) for name in _names(error.args) or [topic or "…"]]
        case GroupAuthorizationFailedError():
            said = next(iter(_names(error.args)), "…")  # "Unable to get coordinator id for g"
            rights = [Right(Operation.READ, said.rpartition(" ")[2], Resource.GROUP)]
        case ClusterAuthorizationFailedError() if not topic:  # of a producer as it starts
            return (
                f"{_user(security)} lacks the right WRITE on any topic, which a producer needs; "
                f"who runs Kafka can give it ({PAGE})"
            )
        case ClusterAuthorizationFailedError():
            rights = [Right(operation, topic)]
        case _:
            return None
    return lack(security, *rights)


def _user(security: KafkaSecurity) -> str:
    if security.sasl_username:
        return f"user {security.sasl_username}"
    if token := security.oauthbearer_token_file:
        return f"the user of the token in {token}"
    if certificate := security.ssl_certificate_location:
        return f"the user of the certificate in {certificate}"
    return "user ANONYMOUS, who did not log in,"


def _names(arguments: Sequence[object]) -> list[str]:
    match arguments:
        case (str(name), *_):
            return [name]
        case (names, *_) if isinstance(names, Collection):
            return sorted(map(str, names))
    return []
