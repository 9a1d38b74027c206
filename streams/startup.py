"""The checks before the worker starts: Kafka answers, the topics fit, changelogs exist."""

from collections.abc import Mapping

import structlog
from mode import Service

from broker.admin import add_topics, declared_partitions
from broker.authorizations import lacking
from broker.connection import Connection, administering
from broker.rights import lack
from contract.errors import Denied, Misconfigured, StackError
from contract.kafka.rights import WORKERS, worker_rights
from contract.topics import COMPACTION

__all__ = ["WaitForKafka"]

RETRY_SECONDS = 1.0
ANSWER_SECONDS = 5.0  # a broker that takes longer is asked again, and the log says so
LOG_EVERY = 10  # tries

log = structlog.get_logger()


class WaitForKafka(Service):
    """A service that has started once Kafka answers; Faust itself would give up.

    It also creates the changelogs.  Faust would create them while it joins its group, and then
    believe them missing until its metadata expires: its agents would crash on the first event.
    """

    def __init__(
        self,
        connection: Connection,
        changelogs: Mapping[str, int],
        group: str,
        prefix: str = "",
    ) -> None:
        super().__init__()
        self._rights = worker_rights(group, prefix, changelogs)
        self._topics = {(own := topic.under(prefix)).name: own.partitions for topic in WORKERS}
        self._connection, self._changelogs = connection, changelogs
        self.waits = True
        """Whether it is still waiting."""

    async def on_start(self) -> None:
        """Wait for the broker, then for the topics.

        Raises:
            SystemExit: Kafka refuses the connection, this user lacks rights, or a topic has
                another number of partitions than the contract.
        """
        tries = 0
        while not self.should_stop:
            try:
                problem = await self._problem()
            except (
                Misconfigured,
                Denied,
            ) as error:  # mode would show it as a crash, with a traceback
                log.error("worker.refused_to_start", error=str(error))
                raise SystemExit(2) from None
            if problem is None:
                self.waits = False
                return
            if tries % LOG_EVERY == 0:
                servers = self._connection.servers
                log.warning("worker.waited_for_kafka", servers=servers, problem=problem)
            tries += 1
            await self.sleep(RETRY_SECONDS)

    async def _problem(self) -> str | None:
        """Return what is still missing; None if nothing is."""
        try:
            async with administering(self._connection, answer_seconds=ANSWER_SECONDS) as admin:
                if lacks := await lacking(admin, self._rights):
                    line = lack(self._connection.security, *lacks)
                    raise Denied(f"Kafka at {self._connection}: {line}")
                found = await declared_partitions(admin)
                if missing := [name for name in self._topics if name not in found]:
                    return (
                        f"no topic {', '.join(missing)}: `quaymark topics` creates what is missing"
                    )
                _refuse_other_counts(self._topics, found)
                _refuse_other_counts(self._changelogs, found)
                if new := {n: at for n, at in self._changelogs.items() if n not in found}:
                    await add_topics(admin, self._connection, new, COMPACTION)
                    return f"changelogs {', '.join(new)} are being created"
        except Denied:
            raise
        except StackError as error:
            return str(error)
        return None


def _refuse_other_counts(expected: Mapping[str, int], found: Mapping[str, int]) -> None:
    for name, partitions in expected.items():
        if found.get(name, partitions) != partitions:
            raise Misconfigured(
                f"topic {name} has {found[name]} partitions, expected {partitions}: with another "
                "number events would be on another partition than before and count twice; start "
                "with a new broker or folder, or delete the topic and send its events again"
            )
