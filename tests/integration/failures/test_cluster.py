"""Three brokers with TLS and a login, of which some are lost: the books stay exact."""

from pathlib import Path

import pytest

from broker.admin import create_topics, layouts
from broker.connection import Connection
from contract.topics import MOVES
from tests.integration.support.secured.cluster import Cluster
from tests.integration.support.secured.cluster_storm import ClusterStorm
from tests.plugins.last_lines import also_look_in

pytestmark = pytest.mark.kafka


def test_a_broker_that_is_killed_and_two_at_once_leave_the_truth(tmp_path: Path) -> None:
    for node in range(3):
        also_look_in(tmp_path / f"cluster/node-{node}/log")
    cluster = Cluster(tmp_path / "cluster")
    try:
        cluster.start()
        create_topics(Connection(cluster.bootstrap))
        storm = ClusterStorm(5, cluster, tmp_path, print, away_seconds=6.0)

        outcome = storm.run(iter(("kill_one_broker", "kill_two_brokers")))

        print(outcome)  # noqa: T201  # pytest shows it when the test fails
        _, found = layouts(Connection(cluster.bootstrap))
        of_workers = {name for name in found if name.endswith("-changelog")}
        assert {found[name].copies for name in (MOVES.name, *of_workers)} == {3}
        assert len(of_workers) == 4
    finally:
        cluster.stop()
