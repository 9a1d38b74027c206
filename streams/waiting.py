"""Before anything starts: Kafka answers, and its topics are those of the contract."""

from typing import Any

import structlog
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from mode import Service

from contract.errors import Misconfigured
from contract.topics import TOPICS

__all__ = ["WaitForKafka"]

RETRY_SECONDS = 1.0
SAY_EVERY = 10  # tries

log = structlog.get_logger()


class WaitForKafka(Service):
    """A service that has started once Kafka is there; Faust itself would give up."""

    def __init__(self, servers: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._servers = servers
        self.waits = True
        """Still waiting."""

    async def on_start(self) -> None:
        """Wait for the broker, then for the topics.

        Raises:
            Misconfigured: a topic has another number of partitions than the contract.
        """
        tries = 0
        while not self.should_stop:
            problem = await self._problem()
            if problem is None:
                self.waits = False
                return
            if tries % SAY_EVERY == 0:
                log.warning("worker.waited_for_kafka", servers=self._servers, problem=problem)
            tries += 1
            await self.sleep(RETRY_SECONDS)

    async def _problem(self) -> str | None:
        client = AIOKafkaClient(
            bootstrap_servers=self._servers, request_timeout_ms=5000, metadata_max_age_ms=1000
        )
        try:
            await client.bootstrap()
            metadata = await client.fetch_all_metadata()
        except (TimeoutError, KafkaError, OSError) as error:
            return f"no broker answers: {error}"
        finally:
            await client.close()
        for topic in TOPICS:
            found = len(metadata.partitions_for_topic(topic.name) or ())
            if not found:
                return f"topic {topic.name} does not exist yet; `quaymark topics` creates it"
            if found != topic.partitions:
                raise Misconfigured(
                    f"topic {topic.name} has {found} partitions, expected {topic.partitions}: a "
                    "move lies on the partition of its key, and elsewhere would count twice; "
                    "recreate the topic"
                )
        return None
