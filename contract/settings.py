"""Settings that differ between machines: the environment's `QUAYMARK_*` as one frozen value."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from contract.errors import Misconfigured
from contract.http.access import HttpAccess
from contract.kafka.security import (
    KafkaSecurity,
    SaslMechanism,
    SecurityProtocol,
    refuse_secrets,
)

PortNumber = Annotated[int, Meta(ge=1, le=65535)]
HttpAddress = Annotated[str, Meta(pattern="^https?://")]
PREFIX = "QUAYMARK_"


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """All settings; each is read from `QUAYMARK_` and its name in capitals."""

    kafka: Annotated[str, Meta(pattern=r"^[^:,]+:\d+(,[^:,]+:\d+)*$")] = "127.0.0.1:9092"
    """Kafka's bootstrap servers, as host:port,host:port."""
    kafka_security_protocol: SecurityProtocol = "PLAINTEXT"
    kafka_sasl_mechanism: SaslMechanism = ""
    kafka_sasl_username: str = ""
    kafka_sasl_password_file: str = ""
    kafka_ssl_ca_location: str = ""
    kafka_ssl_certificate_location: str = ""
    kafka_ssl_key_location: str = ""
    kafka_ssl_key_password_file: str = ""
    kafka_oauthbearer_token_file: str = ""
    kafka_replication_factor: Annotated[int, Meta(ge=-1, le=32767)] = -1
    """Copies of each topic that is created; -1 is the broker's default.replication.factor."""
    http_tls_cert_file: str = ""
    http_tls_key_file: str = ""
    http_client_ca_file: str = ""
    http_token_file: str = ""
    http_ca_file: str = ""
    http_client_cert_file: str = ""
    http_client_key_file: str = ""
    http_server_name: str = ""
    book: str = "quaymark.toml"
    """Path of the port's book."""
    targets: str = "targets.toml"
    """Path of the targets' file."""
    alerting: str = "alerting.toml"
    """Path of the file of alert receivers, which is optional."""
    folder: str = ".quaymark"
    """Folder of data, logs and the pid file."""
    inbox: str = ""
    """Folder into which others drop files; empty for `inbox` in QUAYMARK_FOLDER."""
    inbox_order: Literal["time", "name"] = "time"
    """Files that are whole are taken in by the time of their last change, or by name."""
    inbox_settle_seconds: Annotated[int, Meta(ge=1)] = 10
    """Seconds without a change after which a file is whole."""
    inbox_max_megabytes: Annotated[int, Meta(ge=1)] = 4096
    """The largest file that is read, in MiB; a larger one fails."""
    inbox_metrics_port: PortNumber = 6068
    receive_token_file: str = ""
    """Path of the tokens with which others may post events; empty lets nobody post."""
    receive_host: str = "127.0.0.1"
    receive_port: PortNumber = 6069
    receive_max_megabytes: Annotated[int, Meta(ge=1, le=64)] = 4
    """The largest body of a request, in MiB."""
    worker_id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]*$")] = "quaymark"
    """Consumer group of the workers, and prefix of their changelogs."""
    run: Annotated[str, Meta(pattern=r"^([a-z0-9][a-z0-9-]{0,31})?$")] = ""
    """Name of the replay run that this process belongs to; empty for the live books."""
    store: Literal["rocksdb", "memory"] = "rocksdb"
    """Where a worker keeps its tables beside their changelogs."""
    acknowledge_seconds: Annotated[int, Meta(ge=1)] = 60
    """Seconds without an acknowledgement by Kafka after which a worker ends, to be restarted."""
    metrics_host: str = "127.0.0.1"
    metrics_port: PortNumber = 6066
    worker_host: str = ""
    """Host at whose addresses commands reach the workers; empty for this machine."""
    prometheus_host: str = "127.0.0.1"
    """Host at which commands reach Prometheus; that of `quaymark up` listens on loopback."""
    prometheus_port: PortNumber = 9090
    alertmanager_host: str = "127.0.0.1"
    """Host at which commands reach Alertmanager."""
    alertmanager_port: PortNumber = 9093
    grafana_port: PortNumber = 3000
    report_metrics_port: PortNumber = 6067
    register_metrics_port: PortNumber = 6070
    grafana_version: Annotated[str, Meta(pattern=r"^\d+\.\d+\.\d+[-+.0-9A-Za-z]*$")] = "12.1.1"
    """The version that `up` fetches where none is installed."""
    grafana_mirror: HttpAddress = "https://dl.grafana.com/oss/release"
    """The address below which Grafana's archives lie, each with its .sha256 beside it."""
    web_host: str = "127.0.0.1"
    web_port: PortNumber = 6080
    web_names: str = ""
    """Host names by which the web page is asked for beyond localhost, with commas between."""
    forecast_minutes: Annotated[int, Meta(ge=0)] = 15
    """Minutes between two forecasts; 0 turns forecasts off."""
    log: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def kafka_security(self) -> KafkaSecurity:
        """The settings by which a client proves to Kafka who it is."""
        names = KafkaSecurity.__struct_fields__
        return KafkaSecurity(*(getattr(self, f"kafka_{name}") for name in names))

    @property
    def http_access(self) -> HttpAccess:
        """Who may ask our HTTP servers, and what our commands show them."""
        names = HttpAccess.__struct_fields__
        return HttpAccess(*(getattr(self, f"http_{name}") for name in names))

    @property
    def prefix(self) -> str:
        """The prefix of the run's topics; empty for the live books."""
        return run_prefix(self.run)

    @property
    def group(self) -> str:
        """Consumer group of these workers; a run has its own, so live offsets never move."""
        return self.prefix + self.worker_id

    @property
    def inbox_folder(self) -> str:
        """The folder into which others drop files."""
        return self.inbox or f"{self.folder}/inbox"

    @property
    def reports_folder(self) -> str:
        """The folder of issued reports."""
        return f"{self.folder}/reports"

    @property
    def register_folder(self) -> str:
        """The folder of the register of moves; a run has its own, as it has its own topics."""
        return f"{self.folder}/{self.prefix}register"

    @property
    def prometheus(self) -> str:
        """The address of Prometheus."""
        return f"http://{self.prometheus_host}:{self.prometheus_port}"

    @property
    def alertmanager(self) -> str:
        """The address of Alertmanager."""
        return f"http://{self.alertmanager_host}:{self.alertmanager_port}"

    @property
    def own_host(self) -> str:
        """The host at which this machine reaches its own workers; 0.0.0.0 is no address."""
        return "127.0.0.1" if self.metrics_host == "0.0.0.0" else self.metrics_host

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Return the settings in an environment.

        Raises:
            Misconfigured: a name is unknown, a value unfit, half a setting or a secret; the
                message says what was expected.
        """
        refuse_secrets(environ)
        given = {name: value for name, value in environ.items() if name.startswith(PREFIX)}
        try:
            settings = msgspec.convert(
                {name.removeprefix(PREFIX).lower(): value for name, value in given.items()},
                cls,
                strict=False,
            )
        except msgspec.ValidationError as error:
            raise Misconfigured(f"environment: {_in_capitals(str(error))}") from None
        if settings.kafka_replication_factor == 0:
            raise Misconfigured(
                "QUAYMARK_KAFKA_REPLICATION_FACTOR is 0, expected 1 or more, or -1"
            )
        settings.kafka_security.refuse_half()
        settings.http_access.refuse_half()
        return settings


def run_prefix(run: str) -> str:
    """Return the prefix of a run's topics; empty for the live books."""
    return f"run.{run}." if run else ""


def _in_capitals(message: str) -> str:
    """Name the setting in the decoder's message: `$.metrics_port` is QUAYMARK_METRICS_PORT."""
    for name in Settings.__struct_fields__:
        message = message.replace(f"`$.{name}`", PREFIX + name.upper())
    if "unknown field" in message:
        name = message.split("`")[1]
        known = ", ".join(PREFIX + field.upper() for field in Settings.__struct_fields__)
        return f"{PREFIX}{name.upper()} is not a setting; known: {known}"
    return message
