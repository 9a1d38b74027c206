"""Two workers at three brokers with TLS and a login, of which one, two or all in turn go away.

`make storm` ends with the long form; the short one is a test, failures/test_cluster.py.
"""

import argparse
import logging
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast
from urllib.error import HTTPError

from broker.admin import create_topics
from broker.connection import Connection
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.secured.cluster import NODES, Cluster
from tests.integration.support.secured.secured_broker import settings_of
from tests.integration.support.storm import Storm, Supervised
from tests.integration.support.workers import Running, start_worker, until

Say = Callable[[str], None]
TELLS_SECONDS = 60.0  # from the kill of two brokers until each worker says that it waits
ONE_AWAY_SECONDS = 15.0  # longer than a broker's session, after which others take over
WEIGHTS = {
    "kill_one_broker": 4,
    "kill_two_brokers": 2,
    "restart_in_turn": 2,
    "kill_worker": 3,
    "stop_worker": 1,
}
"""The relative frequency of each disturbance."""


class ClusterStorm(Storm):
    """A storm at a cluster; everything that `Storm` proves at the end holds here, too."""

    def __init__(
        self, seed: int, cluster: Cluster, folder: Path, say: Say, away_seconds: float = 30.0
    ) -> None:
        # a cluster does all that a storm asks of one broker, but pausing
        super().__init__(seed, cast(RunningBroker, cluster), folder, say)
        self._cluster, self._away_seconds = cluster, away_seconds

    def _start(self, bootstrap: str, folder: Path, port: int) -> Running:
        settings = settings_of(self._cluster.connection)
        more = {name.removeprefix("QUAYMARK_").lower(): v for name, v in settings.items()}
        more |= {"acknowledge_seconds": self._acknowledge_seconds, "forecast_minutes": "0"}
        return start_worker(more.pop("kafka"), folder, port, **more)

    def _kill_one_broker(self) -> None:
        """Kill the broker that coordinates the workers' group, and leads some partitions."""
        node = self._cluster.coordinator
        self._cluster.kill(node)
        self._say(f"kill -9 of broker {node + 1}, the coordinator, of three")
        self._live(min(ONE_AWAY_SECONDS, self._away_seconds))
        self._cluster.start()
        self._say("the broker is back")

    def _kill_two_brokers(self) -> None:
        """Kill two of three: nothing can be read or written, and each worker must say so."""
        gone = self._rng.sample(NODES, 2)
        self._cluster.kill(*gone)
        self._say(f"kill -9 of brokers {[node + 1 for node in gone]} of three")
        until("each worker says that it is not ready", self._none_ready, TELLS_SECONDS)
        self._say("no worker says that it is ready")
        self._live(self._away_seconds)
        assert self._none_ready(), "a worker says that it is ready, with two of three brokers gone"
        self._cluster.start()
        self._say("both brokers are back")

    def _restart_in_turn(self) -> None:
        """Stop and start each broker, as an update does."""
        for node in NODES:
            self._cluster.stop(node)
            self._live(1.0)
            self._cluster.start()
            self._say(f"broker {node + 1} was restarted")
            self._live(5.0)

    def _none_ready(self) -> bool:
        return not any(map(_says_ready, self._workers))


def _says_ready(worker: Supervised) -> bool:
    try:
        return worker.alive and worker.running.get("/readyz") == "ready\n"
    except HTTPError as error:
        error.close()
        return False
    except OSError:
        return False


def main() -> None:
    """Run the long form."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--seed", type=int, default=random.randrange(1000))
    given = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it logs each refused connection
    with TemporaryDirectory(prefix="quaymark-cluster-") as name:
        folder = Path(name)
        _print(f"three brokers, seed {given.seed}, in {folder}")
        cluster = Cluster(folder / "cluster")
        try:
            cluster.start()
            create_topics(Connection(cluster.bootstrap))
            storm = ClusterStorm(given.seed, cluster, folder, _print)
            _print(str(storm.run(disturbances(given.seed, given.minutes))))
        finally:
            cluster.stop()


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # a program that prints


def disturbances(seed: int, minutes: float) -> Iterator[str]:
    """Yield random disturbances until the time is over."""
    rng, end = random.Random(seed), time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        yield rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]


if __name__ == "__main__":
    main()
