"""Each right that a user lacks is told: which, on what, to whom, and how it is given."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from broker import admin, groups
from broker.connection import Connection
from broker.reader import TopicReading
from broker.topic_settings import set_as_declared, topic_settings
from contract.errors import Denied
from contract.kafka.rights import ROLES, Operation, Resource, Right, worker_rights
from contract.settings import Settings
from contract.topics import MOVES, TARGETS, TOPICS, Topic
from producers.publish.records import Encoded
from producers.publish.sender import Sender
from streams.startup import WaitForKafka
from tests.integration.support.commands import run
from tests.integration.support.secured.denied_port import DeniedPort
from tests.integration.support.secured.secured_broker import settings_of
from tests.integration.support.workers import as_records, move, recent, send, until

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("rights")]

USER = "runs"
"""Some user; its rights are those of the test."""
READ, WRITE, CREATE, DELETE = Operation.READ, Operation.WRITE, Operation.CREATE, Operation.DELETE
DESCRIBE, DESCRIBE_CONFIGS = Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS
NEW = Topic("not-there-yet", "", 1)


@pytest.fixture
def user(denied: DeniedPort) -> Iterator[Connection]:
    """A user, who has the rights of its role again after the test."""
    yield denied.broker.connection(USER)
    denied.broker.allow(USER, next(role.rights for role in ROLES if role.name == USER))


def reads(at: Connection) -> None:
    with TopicReading(at, TARGETS) as reading:
        list(reading.rest())


def writes(at: Connection) -> None:
    environ = settings_of(at)

    async def go() -> None:
        async with Sender(Settings.from_env(environ), "test") as sender:
            await sender.send_encoded(Encoded(TARGETS.name, b"key", b"{}", partition=0))
            await sender.flush()

    asyncio.run(go())


Use = Callable[[Connection], object]

USES: dict[str, tuple[Use, Operation, Topic, tuple[Operation, ...]]] = {
    "read": (reads, READ, TARGETS, (DESCRIBE,)),
    "read what is hidden": (reads, READ, TARGETS, ()),
    "write": (writes, WRITE, TARGETS, (DESCRIBE,)),
    "write what is hidden": (writes, WRITE, TARGETS, ()),
    "create": (lambda at: admin.create_topics(at, [NEW]), CREATE, NEW, (DESCRIBE,)),
    "see": (lambda at: admin.create_topics(at, [NEW]), DESCRIBE, NEW, (CREATE,)),
    "see what is there": (
        lambda at: admin.create_topics(at, [TARGETS]),
        DESCRIBE,
        TARGETS,
        (CREATE,),
    ),
    "delete": (lambda at: admin.delete_topics(at, [TARGETS.name]), DELETE, TARGETS, (DESCRIBE,)),
    "see settings": (
        lambda at: topic_settings(at, [TARGETS.name]),
        DESCRIBE_CONFIGS,
        TARGETS,
        (DESCRIBE,),
    ),
    "change settings": (
        lambda at: set_as_declared(at, [TARGETS]),
        Operation.ALTER_CONFIGS,
        TARGETS,
        (DESCRIBE_CONFIGS, DESCRIBE),
    ),
}
"""What is done -> how, the right that it needs, on which topic, and the rights that are there."""


@pytest.mark.parametrize("what", USES)
def test_a_right_on_a_topic_that_is_lacking_is_told_with_the_command_that_gives_it(
    denied: DeniedPort, user: Connection, what: str
) -> None:
    use, needed, topic, held = USES[what]
    elsewhere = Right(WRITE, MOVES.name)  # without any a producer may not even start
    denied.broker.allow(USER, [elsewhere, *(Right(one, topic.name) for one in held)])

    with pytest.raises(Denied) as told:
        use(user)

    assert (
        f"user {USER} lacks the right {needed} on topic {topic.name}; who runs Kafka can give it: "
        f"kafka-acls.sh --add --allow-principal User:{USER} --operation {needed.for_tool} --topic "
        f"{topic.name} (docs/kafka-rights.md lists what each user needs)"
    ) in str(told.value)


def test_a_producer_that_may_write_nowhere_is_told_so(
    denied: DeniedPort, user: Connection
) -> None:
    denied.broker.allow(USER, [Right(READ, TARGETS.name)])

    with pytest.raises(Denied, match=f"user {USER} lacks the right WRITE on any topic, which"):
        writes(user)


def test_a_group_that_a_user_may_not_read_is_told(denied: DeniedPort, user: Connection) -> None:
    denied.broker.allow(USER, [Right(READ, TARGETS.name)])
    told = f"user {USER} lacks the right READ on consumer group quaymark; .* --group quaymark "

    with pytest.raises(Denied, match=told):
        groups.hosts(user, "quaymark")
    with pytest.raises(Denied, match=told):
        groups.rewind(user, "quaymark", [TARGETS])


def test_a_worker_names_each_right_that_it_lacks_and_does_not_start(
    denied: DeniedPort, user: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    changelog = Topic("quaymark-test-changelog", "", 1)
    admin.create_topics(Connection(denied.broker.bootstrap), [changelog])
    needed = worker_rights("quaymark", "", [changelog.name])
    for lacking in needed:
        held = [one for one in needed if one != lacking]
        denied.broker.allow(USER, [*held, Right(DESCRIBE, "quaymark", Resource.GROUP)])
        waiting = WaitForKafka(user, {changelog.name: 1}, "quaymark")

        with pytest.raises(SystemExit) as ended:
            asyncio.run(waiting.on_start())

        assert ended.value.code == 2
        assert f"user {USER} lacks the right {lacking}; who runs" in capsys.readouterr().out


def test_a_worker_that_may_not_make_its_changelogs_says_so(
    denied: DeniedPort, user: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    changelogs = ["quaymark-new-changelog"]
    denied.broker.allow(USER, worker_rights("quaymark", "", changelogs))
    waiting = WaitForKafka(user, dict.fromkeys(changelogs, 1), "quaymark")

    with pytest.raises(SystemExit):
        asyncio.run(waiting.on_start())

    told = f"user {USER} lacks the right CREATE on topic quaymark-new-changelog; who runs Kafka"
    assert told in capsys.readouterr().out


@pytest.mark.parametrize("lost", [WRITE, READ])
def test_a_worker_that_loses_a_right_while_it_runs_tells_it(
    denied: DeniedPort, lost: Operation
) -> None:
    rights = next(role.rights for role in ROLES if role.name == "worker")
    told = f"user worker lacks the right {lost} on topic "
    seen = [Right(DESCRIBE, one.name, one.resource, one.is_prefix) for one in rights]
    running = denied.worker()
    try:
        until("the worker is ready", running.ready)
        left = [one for one in rights if one.operation != lost or one.resource is Resource.GROUP]
        denied.broker.allow("worker", [*left, *seen])
        numbers = count(100)

        def says_so() -> bool:
            """Send one more move, for a broker takes rights away a moment after it said so."""
            more = move(next(numbers), "THE", "22G1", recent(3))
            send(denied.broker.bootstrap, as_records([more]))
            return told in running.log.read_text()

        until("it says so", says_so)
        assert running.process.wait(60) in (1, 2)
    finally:
        denied.broker.allow("worker", rights)
        if running.process.poll() is None:
            running.kill()


def test_a_topic_that_a_user_may_not_see_is_told_by_the_check(
    denied: DeniedPort, user: Connection
) -> None:
    seen = [topic for topic in TOPICS if topic is not TARGETS]
    operations = (DESCRIBE, DESCRIBE_CONFIGS)
    denied.broker.allow(USER, [Right(each, one.name) for one in seen for each in operations])

    done = run(denied.environ(USER), "topics", "--check")

    assert done.returncode == 1
    told = (
        "error, topic_hidden: topic port.targets: is not shown to this user\n"
        f"  → user {USER} lacks the right DESCRIBE on topic port.targets; who runs Kafka can"
    )
    assert told in done.stdout


def test_a_command_without_its_right_ends_with_exit_code_1_and_one_line(
    denied: DeniedPort, user: Connection
) -> None:
    denied.broker.allow(USER, [])

    done = run(denied.environ(USER), "targets", "show")

    assert done.returncode == 1
    *_, last = done.stderr.splitlines()
    assert last.startswith(
        f"error: Kafka at {user} shows no topic port.targets: user {USER} lacks"
    )
