"""The page of rights says all that the roles need, as a table and as commands."""

from contract.kafka.rights import ROLES
from contract.published.rights_page import rights_page

AS_THE_TOOL_TAKES_IT = {
    "READ": "Read",
    "WRITE": "Write",
    "CREATE": "Create",
    "DELETE": "Delete",
    "DESCRIBE": "Describe",
    "DESCRIBE_CONFIGS": "DescribeConfigs",
    "ALTER_CONFIGS": "AlterConfigs",
}
"""Kafka's name of an operation -> what kafka-acls.sh takes; it refuses the first with `_`."""


def test_each_right_of_each_role_is_in_a_command_of_the_page() -> None:
    commands = [line for line in rights_page().splitlines() if line.startswith("kafka-acls.sh")]

    for role in ROLES:
        for right in role.rights:
            matching = [
                line
                for line in commands
                if f" User:{role.name} " in line
                and f" --operation {AS_THE_TOOL_TAKES_IT[right.operation]} " in line
                and f" --{right.resource} {right.name}" in line
                and ("prefixed" in line) == right.is_prefix
            ]
            assert len(matching) == 1, (role.name, str(right))


def test_a_worker_may_read_what_it_counts_and_write_only_what_it_makes() -> None:
    row = (
        "| `worker` | the workers | `port.moves.raw`, `zone.projects.raw`, "
        "`zone.indicators.raw`, `port.targets` | READ |"
    )

    assert row in rights_page()


def test_no_role_has_a_right_twice() -> None:
    for role in ROLES:
        assert len(set(role.rights)) == len(role.rights), role.name
