"""docs/kafka-rights.md: what each user of Kafka may do, as a table and as commands."""

from collections.abc import Iterator

from contract.kafka.rights import ROLES, Operation, Resource, Right, Role

__all__ = ["rights_page"]

HEAD = """\
# Rights of the users of Kafka

Rendered from `contract/kafka/rights.py` by `quaymark render`; change them there.

These are the least rights (ACLs) of each user on a Kafka that denies what nothing allows
(`allow.everyone.if.no.acl.found=false`).  How a user logs in stands in [security](security.md).

- READ, WRITE and DELETE bring DESCRIBE with them.  Nobody needs IDEMPOTENT_WRITE, a right on the
  cluster, or one on a transactional id.
- One user may have several roles.  `quaymark up` beside a Kafka of your own runs all as one user,
  with the rights of worker, producer, topics and history.
- Once `quaymark topics` has made the topics, and the first worker its changelogs, nobody needs
  CREATE any more.
- `quaymark` in the names of changelogs and of the group is `QUAYMARK_WORKER_ID`.
- A name with `*` stands for all that begin so (Kafka's pattern type PREFIXED).

| user | what runs as this user | on | operations |
|---|---|---|---|
"""

COMMANDS = """
## As commands
With Kafka's own tool; `ADMIN` stands for `--bootstrap-server HOST:PORT --command-config FILE` of
an administrator.  Write the names that your users have in place of `User:worker` and the others;
that of a client certificate is what `ssl.principal.mapping.rules` makes of its subject.

Strimzi's users with the same rights are in
`deploy/kubernetes/components/strimzi/rendered/users.yaml`.

```
"""


def rights_page() -> str:
    """Return the text of the page."""
    return HEAD + "\n".join(_rows()) + "\n" + COMMANDS + "\n".join(_commands()) + "\n```\n"


def _rows() -> Iterator[str]:
    for role in ROLES:
        user, runs = f"`{role.name}`", role.runs
        for names, operations, one in _grouped(role):
            kind = "" if one.resource is Resource.TOPIC else "group "
            star = "*" * one.is_prefix
            on = ", ".join(f"{kind}`{name}{star}`" for name in names)
            yield f"| {user} | {runs} | {on} | {', '.join(operations)} |"
            user = runs = ""


def _commands() -> Iterator[str]:
    for role in ROLES:
        for names, operations, one in _grouped(role):
            pattern = " --resource-pattern-type prefixed" * one.is_prefix
            yield (
                f"kafka-acls.sh ADMIN --add --allow-principal User:{role.name}{pattern}"
                + "".join(f" --operation {operation.for_tool}" for operation in operations)
                + "".join(f" --{one.resource} {name}" for name in names)
            )


def _grouped(role: Role) -> list[tuple[list[str], tuple[Operation, ...], Right]]:
    """Return (names, operations, one of the rights) of what a role has in common."""
    operations: dict[tuple[str, Resource, bool], tuple[Operation, ...]] = {}
    first: dict[tuple[str, Resource, bool], Right] = {}
    for right in role.rights:
        key = (right.name, right.resource, right.is_prefix)
        operations[key] = (*operations.get(key, ()), right.operation)
        first.setdefault(key, right)
    groups: dict[tuple[tuple[Operation, ...], Resource, bool], list[str]] = {}
    for key, allowed in operations.items():
        groups.setdefault((allowed, *key[1:]), []).append(key[0])
    return [
        (names, allowed, first[names[0], resource, is_prefix])
        for (allowed, resource, is_prefix), names in groups.items()
    ]
