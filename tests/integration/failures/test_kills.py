"""The short form of the kill test; `make storm` is the long one."""

from pathlib import Path

import pytest

from tests.integration.support.changelogs import recreate_topics
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.storm import Storm

pytestmark = pytest.mark.kafka

SEED = 5  # with this seed the random waits are short


def test_kills_pauses_torn_lines_and_compaction_leave_the_truth(
    broker: RunningBroker, tmp_path: Path
) -> None:
    recreate_topics(broker.bootstrap)

    outcome = Storm(SEED, broker, tmp_path, print).run(
        iter(("kill_worker", "tear_lines", "kill_broker", "pause_worker", "stop_worker"))
    )

    print(outcome)  # noqa: T201  # pytest shows it when the test fails
    assert outcome.kills == 3
    assert not outcome.gave_up  # no outage here is longer than a worker waits
