"""The topics and users that Strimzi's operators keep in Kafka: KafkaTopic and KafkaUser."""

from collections.abc import Iterator, Mapping

from contract.kafka.rights import GROUP, ROLES, Resource, Right
from contract.topics import BOOK_PARTITIONS, COMPACTION, RAW_PARTITIONS, TOPICS
from stack.kubernetes.kubernetes_object import Manifest, manifest

__all__ = ["CHANGELOGS", "topics", "users"]

API = "kafka.strimzi.io/v1"
CLUSTER = {"strimzi.io/cluster": "quaymark-kafka"}
"""The label that says which Kafka has a topic or a user."""
COPIES = 3

CHANGELOGS = {
    f"{GROUP}-{table}-changelog": partitions
    for table, partitions in {
        "ledger": RAW_PARTITIONS,
        "project": RAW_PARTITIONS,
        "indicator": RAW_PARTITIONS,
        "kpi": BOOK_PARTITIONS,
    }.items()
}
"""The changelogs of the workers' tables -> partitions; made here, they need no right to CREATE."""


def topics() -> Iterator[Manifest]:
    """Yield every topic, and every changelog, with the configuration of the contract."""
    for topic in TOPICS:
        yield _topic(topic.name, topic.partitions, topic.config)
    for name, partitions in CHANGELOGS.items():
        yield _topic(name, partitions, COMPACTION)


def users() -> Iterator[Manifest]:
    """Yield a user for each role, with the least rights; Strimzi writes its password's Secret."""
    for role in ROLES:
        spec = {
            "authentication": {"type": "scram-sha-512"},
            "authorization": {"type": "simple", "acls": list(_acls(role.rights))},
        }
        yield manifest(API, "KafkaUser", f"quaymark-{role.name}", {"spec": spec}, labels=CLUSTER)


def _topic(name: str, partitions: int, config: Mapping[str, str]) -> Manifest:
    spec = {"partitions": partitions, "replicas": COPIES, "config": dict(config)}
    return manifest(API, "KafkaTopic", name, {"spec": spec}, labels=CLUSTER)


def _acls(rights: tuple[Right, ...]) -> Iterator[Mapping[str, object]]:
    by_resource: dict[tuple[Resource, str, bool], list[str]] = {}
    for right in rights:
        operations = by_resource.setdefault((right.resource, right.name, right.is_prefix), [])
        operations.append("".join(word.capitalize() for word in right.operation.split("_")))
    for (kind, name, is_prefix), operations in by_resource.items():
        pattern = "prefix" if is_prefix else "literal"
        resource = {"type": str(kind), "name": name, "patternType": pattern}
        yield {"resource": resource, "operations": operations}
