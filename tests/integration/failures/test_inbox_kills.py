"""The short form of the inbox under kills; `make filestorm` is the long one."""

from pathlib import Path

import pytest

from tests.integration.support.changelogs import recreate_topics
from tests.integration.support.inbox.inbox_storm import InboxStorm
from tests.integration.support.running_broker import RunningBroker

pytestmark = pytest.mark.kafka


def test_files_of_an_inbox_that_is_killed_three_times_count_exactly_once(
    broker: RunningBroker, tmp_path: Path
) -> None:
    recreate_topics(broker.bootstrap)

    outcome = InboxStorm(broker, tmp_path, 3, print).run(files=120, kills=3, pause_seconds=0.01)

    assert outcome["receipts"] == 120
