"""A port whose Kafka denies by default, with a user for each role."""

import os
from pathlib import Path

from tests.integration.support.ports import free_port
from tests.integration.support.secured.denying_broker import DenyingBroker
from tests.integration.support.secured.secured_broker import settings_of
from tests.integration.support.workers import Running, start_worker


class DeniedPort:
    """A port whose Kafka denies by default, and a worker of it."""

    def __init__(self, broker: DenyingBroker, folder: Path) -> None:
        self.broker, self.folder = broker, folder
        self.worker_port = free_port()
        self.live: Running | None = None
        """The worker that commands find, while one runs."""

    def environ(self, user: str) -> dict[str, str]:
        """Return the environment of a user's commands."""
        return {
            **os.environ,  # noqa: TID251  # a child needs PATH
            **settings_of(self.broker.connection(user)),
            "QUAYMARK_FOLDER": str(self.folder / user),
            "QUAYMARK_METRICS_PORT": str(self.worker_port),
            "QUAYMARK_FORECAST_MINUTES": "0",  # models need no rights, and time
            "QUAYMARK_PROMETHEUS_PORT": str(free_port()),
            "QUAYMARK_ALERTMANAGER_PORT": str(free_port()),
            "QUAYMARK_GRAFANA_PORT": str(free_port()),
        }

    def worker(self) -> Running:
        """Start a worker of this port."""
        settings = settings_of(self.broker.connection("worker"))
        more = {name.removeprefix("QUAYMARK_").lower(): v for name, v in settings.items()}
        return start_worker(
            more.pop("kafka"),
            self.folder / "worker",
            self.worker_port,
            forecast_minutes="0",
            **more,
        )
