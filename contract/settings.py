"""What differs between machines: `QUAYMARK_*` of the environment as one frozen value."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from contract.errors import Misconfigured

PortNumber = Annotated[int, Meta(ge=1, le=65535)]
PREFIX = "QUAYMARK_"


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Every setting; each is read from `QUAYMARK_` + its name in capitals."""

    kafka: Annotated[str, Meta(pattern=r"^[^:,]+:\d+(,[^:,]+:\d+)*$")] = "127.0.0.1:9092"
    """Bootstrap servers, host:port,host:port."""
    book: str = "quaymark.toml"
    """Path of the port's book."""
    targets: str = "targets.toml"
    """Path of the targets."""
    alerting: str = "alerting.toml"
    """Path of who is told of alerts; need not be there."""
    folder: str = ".quaymark"
    """Folder for data, logs and the pid file."""
    worker_id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]*$")] = "quaymark"
    """Consumer group of the worker, and prefix of its changelogs."""
    run: Annotated[str, Meta(pattern=r"^([a-z0-9][a-z0-9-]{0,31})?$")] = ""
    """Name of the run that this process belongs to; empty for the live books."""
    store: Literal["rocksdb", "memory"] = "rocksdb"
    """Where the worker's tables lie between two writes to their changelogs."""
    acknowledge_seconds: Annotated[int, Meta(ge=1)] = 60
    """How long Kafka may take to acknowledge what a worker wrote, before it ends to start anew."""
    metrics_host: str = "127.0.0.1"
    metrics_port: PortNumber = 6066
    prometheus_host: str = "127.0.0.1"
    """Where commands ask Prometheus; the one of `quaymark up` listens on loopback."""
    prometheus_port: PortNumber = 9090
    alertmanager_port: PortNumber = 9093
    grafana_port: PortNumber = 3000
    forecast_minutes: Annotated[int, Meta(ge=0)] = 15
    """Minutes between two forecasts; 0 for none."""
    log: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def prefix(self) -> str:
        """What stands before the names of the run's topics; nothing for the live books."""
        return run_prefix(self.run)

    @property
    def group(self) -> str:
        """Consumer group of these workers: a run has its own, so live offsets never move."""
        return self.prefix + self.worker_id

    @property
    def prometheus(self) -> str:
        """Prometheus's address."""
        return f"http://{self.prometheus_host}:{self.prometheus_port}"

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """The settings in an environment.

        Raises:
            Misconfigured: an unknown name or an unfit value; says which and what was expected.
        """
        given = {name: value for name, value in environ.items() if name.startswith(PREFIX)}
        try:
            return msgspec.convert(
                {name.removeprefix(PREFIX).lower(): value for name, value in given.items()},
                cls,
                strict=False,
            )
        except msgspec.ValidationError as error:
            raise Misconfigured(f"environment: {_in_capitals(str(error))}") from None


def run_prefix(run: str) -> str:
    """What stands before the names of a run's topics; nothing for the live books."""
    return f"run.{run}." if run else ""


def _in_capitals(message: str) -> str:
    """`Expected … - at `$.metrics_port`` said of QUAYMARK_METRICS_PORT."""
    for name in Settings.__struct_fields__:
        message = message.replace(f"`$.{name}`", PREFIX + name.upper())
    if "unknown field" in message:
        name = message.split("`")[1]
        known = ", ".join(PREFIX + field.upper() for field in Settings.__struct_fields__)
        return f"{PREFIX}{name.upper()} is not a setting; known: {known}"
    return message
