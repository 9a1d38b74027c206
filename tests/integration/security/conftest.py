"""One secured Kafka, which all tests of this folder share; one process runs them."""

from collections.abc import Iterator

import pytest

from tests.integration.support.secured.secured_broker import SecuredBroker
from tests.plugins.last_lines import also_look_in


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    """A broker with a listener for each way to log in."""
    folder = tmp_path_factory.mktemp("secured")
    also_look_in(folder / "log")
    running = SecuredBroker(folder)
    running.start()
    yield running
    running.stop()
