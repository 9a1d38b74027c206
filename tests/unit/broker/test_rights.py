"""The line for a right that a user lacks: who lacks it, what it is, and the command for it."""

import pytest
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    InvalidTopicError,
    TopicAuthorizationFailedError,
)

from broker.rights import lack, missing_right
from contract.kafka.rights import Operation, Right
from contract.kafka.security import KafkaSecurity

READ, WRITE = Operation.READ, Operation.WRITE
MOVES = Right(READ, "port.moves.raw")
BY_PASSWORD = KafkaSecurity("SASL_SSL", "PLAIN", "importer", "/secret")


@pytest.mark.parametrize(
    ("security", "who"),
    [
        (BY_PASSWORD, "user importer lacks"),
        (
            KafkaSecurity("SASL_SSL", "OAUTHBEARER", oauthbearer_token_file="/token"),
            "the user of the token in /token lacks",
        ),
        (
            KafkaSecurity("SSL", ssl_certificate_location="/c.pem", ssl_key_location="/c.key"),
            "the user of the certificate in /c.pem lacks",
        ),
        (KafkaSecurity(), "user ANONYMOUS, who did not log in, lacks"),
    ],
)
def test_the_user_is_named_by_what_logs_it_in(security: KafkaSecurity, who: str) -> None:
    assert lack(security, MOVES).startswith(f"{who} the right READ on topic port.moves.raw; ")


def test_one_right_comes_with_the_command_that_gives_it_and_several_with_the_page() -> None:
    one = lack(BY_PASSWORD, MOVES)
    two = lack(BY_PASSWORD, MOVES, Right(WRITE, "port.rejected"))

    command = "--add --allow-principal User:importer --operation Read --topic port.moves.raw"
    assert command in one
    assert "READ on topic port.moves.raw, WRITE on topic port.rejected; who runs Kafka can" in two
    assert "docs/kafka-rights.md" in two


def test_the_command_is_as_kafkas_tool_takes_it() -> None:
    """It takes `DescribeConfigs` and refuses `DESCRIBE_CONFIGS`; it does not know a `*`."""
    settings = lack(BY_PASSWORD, Right(Operation.DESCRIBE_CONFIGS, "port.moves.raw"))
    probe = lack(BY_PASSWORD, Right(Operation.CREATE, "quaymark.clock-probe.8a0deb01"))

    assert " --operation DescribeConfigs --topic port.moves.raw (" in settings
    assert (
        " --resource-pattern-type prefixed --operation Create --topic quaymark.clock-probe. ("
        in probe
    )


@pytest.mark.parametrize(
    ("error", "right"),
    [
        (TopicAuthorizationFailedError("a"), "WRITE on topic a;"),
        (TopicAuthorizationFailedError({"b", "a"}), "WRITE on topic a, WRITE on topic b;"),
        (TopicAuthorizationFailedError(), "WRITE on topic port.moves.raw;"),
        (GroupAuthorizationFailedError("g"), "READ on consumer group g;"),
        # as aiokafka says it where it looks for the group's coordinator
        (
            GroupAuthorizationFailedError("Unable to get coordinator id for g"),
            "READ on consumer group g;",
        ),
        (ClusterAuthorizationFailedError(), "WRITE on topic port.moves.raw;"),
    ],
)
def test_what_kafka_denies_is_told_by_its_name(error: Exception, right: str) -> None:
    line = missing_right(error, BY_PASSWORD, WRITE, "port.moves.raw")

    assert line is not None
    assert f"user importer lacks the right {right}" in line


def test_another_error_is_no_lack_of_a_right() -> None:
    assert missing_right(InvalidTopicError("a"), BY_PASSWORD, WRITE) is None
